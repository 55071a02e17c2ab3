"""Statuses: was the request answered, and as it should be?"""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange, Finding


def status_is(exchange: Exchange, *allowed: Statuses | int, because: str) -> Finding | None:
    """The status is one of `allowed`. `because` says what was sent, e.g. "a request without a token"."""
    statuses = one_of(*allowed)
    if exchange.status in statuses:
        return None
    return Finding(f"{because}: wrong status", str(statuses), exchange.got, (exchange,))


def client_error(exchange: Exchange, *, because: str) -> Finding | None:
    """Any 4xx."""
    if exchange.status is not None and 400 <= exchange.status < 500:
        return None
    return Finding(f"{because}: not refused as the client's mistake", "a 4xx status", exchange.got, (exchange,))


def not_server_error(exchange: Exchange, *, because: str) -> Finding | None:
    """A whole answer that is no 5xx."""
    if exchange.status is not None and exchange.status < 500:
        return None
    return Finding(f"{because}: blamed on the server", "an answer below 500", exchange.got, (exchange,))


def not_success(exchange: Exchange, *, because: str) -> Finding | None:
    """Any whole answer that is no 2xx."""
    if exchange.status is not None and not 200 <= exchange.status < 300:
        return None
    return Finding(f"{because}: served as if nothing were wrong", "no 2xx status", exchange.got, (exchange,))


def replayable(finding: Finding | None, *statuses: Statuses | int) -> Finding | None:
    """Mark a finding as one that the same request, sent again, decides by its status alone: fixed if it is one of these."""
    return replace(finding, statuses=tuple(one_of(*statuses))) if finding else None


def one_of(*statuses: Statuses | int) -> Statuses:
    """All of them together."""
    names = (name for each in statuses for name in (each.names if isinstance(each, Statuses) else (str(each),)))
    return Statuses(tuple(dict.fromkeys(names)))

"""Statuses: whether a request was answered, and with one of the statuses that its situation allows.

Judges take what is allowed from their caller, who asks the contract. Only HTTP's own classes are written down here.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange, Finding

_NOT_SERVER_ERROR = Statuses(("1xx", "2xx", "3xx", "4xx"))
_NOT_SUCCESS = Statuses(("1xx", "3xx", "4xx", "5xx"))


def status_is(exchange: Exchange, *allowed: Statuses | int, because: str) -> Finding | None:
    """The status is one of `allowed`; a request without an answer has none.

    `because` says what was sent, e.g. "a request without a token".
    """
    statuses = one_of(*allowed)
    if exchange.status in statuses:
        return None
    return Finding(f"{because}: wrong status", str(statuses), exchange.got, (exchange,))


def not_server_error(exchange: Exchange, *, because: str) -> Finding | None:
    """An answer of any class but 5xx, by which HTTP blames the server."""
    return status_is(exchange, _NOT_SERVER_ERROR, because=because)


def not_success(exchange: Exchange, *, because: str) -> Finding | None:
    """An answer of any class but 2xx, by which HTTP says that the request was served."""
    return status_is(exchange, _NOT_SUCCESS, because=because)


def replayable(finding: Finding | None, *statuses: Statuses | int) -> Finding | None:
    """Mark a finding as one that the same request, sent again, decides by its status alone: fixed if it is one of these."""
    return replace(finding, statuses=tuple(one_of(*statuses))) if finding else None


def one_of(*statuses: Statuses | int) -> Statuses:
    """All of them together."""
    names = (name for each in statuses for name in (each.names if isinstance(each, Statuses) else (str(each),)))
    return Statuses(tuple(dict.fromkeys(names)))

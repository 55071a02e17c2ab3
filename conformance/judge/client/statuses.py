"""Statuses: whether a request was answered, and with one of the statuses that its situation allows.

Judges take what is allowed from their caller, who asks the contract.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange, Finding


def status_is(exchange: Exchange, *allowed: Statuses, because: str) -> Finding | None:
    """The status is one of `allowed`; a request without an answer has none.

    `because` says what was sent, e.g. "a request without a token".
    """
    statuses = one_of(*allowed)
    if exchange.status in statuses:
        return None
    return Finding(f"{because}: wrong status", str(statuses), exchange.got, (exchange,))


def replayable(finding: Finding | None, *statuses: Statuses) -> Finding | None:
    """Mark a finding as one that the same request, sent again, decides by its status alone: fixed if it is one of these."""
    return replace(finding, statuses=tuple(one_of(*statuses))) if finding else None


def one_of(*statuses: Statuses) -> Statuses:
    """All of them together."""
    names = (name for each in statuses for name in each.names)
    return Statuses(tuple(dict.fromkeys(names)))

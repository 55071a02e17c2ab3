"""Concurrency: whether a valid request among many at a time is served."""

from __future__ import annotations

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange, Finding


def served_or_held_off(exchange: Exchange, served: Statuses, held_off: Statuses) -> Finding | None:
    """A valid request among many is served, or held off by a limit on how many there may be; it is no error.

    A request without a response is for others to judge: the connection may not have been taken.
    """
    if exchange.answer is None or exchange.status in served or exchange.status in held_off:
        return None
    return Finding("one of many valid requests at a time fails", str(served), exchange.got, (exchange,))

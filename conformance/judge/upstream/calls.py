"""Whether a request was a call of the provider at all, and how many: judged from the calls that the mock recorded."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.http.exchange import Exchange, Finding
from conformance.mock.calls import RecordedCall


def called(exchange: Exchange, calls: Sequence[RecordedCall], *, because: str) -> Finding | None:
    """The request led to a call of its own, not only a request that resembles it (rulings: Provider side, calls)."""
    if calls:
        return None
    message = f"{because}: served without a call of the provider"
    return Finding(message, "a call with what this request holds", "no call", (exchange,))


def called_once(exchange: Exchange, calls: Sequence[RecordedCall]) -> Finding | None:
    """The request led to one call (rulings: Provider side, calls)."""
    if len(calls) == 1:
        return None
    return Finding("one request, several provider calls", "1 call", _number(calls), (exchange,), tuple(calls))


def not_called(exchange: Exchange, calls: Sequence[RecordedCall], *, because: str) -> Finding | None:
    """The refused request led to no call (rulings: Provider side, calls)."""
    if not calls:
        return None
    message = f"{because}: refused, and yet the provider was called"
    return Finding(message, "no call", _number(calls), (exchange,), tuple(calls))


def _number(calls: Sequence[RecordedCall]) -> str:
    return f"{len(calls)} call{'' if len(calls) == 1 else 's'}"

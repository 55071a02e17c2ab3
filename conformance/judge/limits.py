"""Limits: how many requests were served, how a refusal looks, what reached the provider, what became of the connection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.http.exchange import Exchange, Finding
from conformance.mock.calls import Call

# What a valid request under a token that the gateway does not know, or may not use for the model, is answered.
_OTHER_FAULTS = frozenset({400, 401, 404})


@dataclass(frozen=True, slots=True)
class Burst:
    """Requests sent one after another under one token until the first that is not served, or until enough were sent.

    ``elapsed_s`` is from the first one's start to the last one's answer.
    """

    exchanges: tuple[Exchange, ...]
    elapsed_s: float

    @property
    def served(self) -> int:
        return sum(exchange.status == 200 for exchange in self.exchanges)

    @property
    def refused(self) -> Exchange | None:
        """The 429 that ended it, if one did."""
        return next((exchange for exchange in self.exchanges if exchange.status == 429), None)

    @property
    def broken_by(self) -> Exchange | None:
        """What else ended it, if it was neither a 429 nor that enough were sent."""
        return next((exchange for exchange in self.exchanges if exchange.status not in {200, 429}), None)


def most_served(limit: int, window_s: float, elapsed_s: float) -> int:
    """How many a limiter that refills steadily may serve in a burst; a fixed window, none more unless it ends meanwhile."""
    return math.floor(limit + limit * elapsed_s / window_s)


def exceeds(burst: Burst, limit: int, window_s: float) -> bool:
    return burst.served > most_served(limit, window_s, burst.elapsed_s)


def within_limit(bursts: Sequence[Burst], limit: int, window_s: float, *, because: str) -> Finding | None:
    """At least one burst kept the limit: one may have crossed the edge of a fixed window, several in a row do not."""
    if any(not exceeds(burst, limit, window_s) for burst in bursts):
        return None
    burst = bursts[-1]
    return Finding(
        f"{because}: more requests served than the limit allows",
        f"a 429 after at most {limit} requests in {window_s:g} s",
        f"{burst.served} served within {burst.elapsed_s:.2f} s",
        burst.exchanges[-1:],
    )


def refuses_as_a_limit(burst: Burst, limit: int, *, because: str) -> Finding | None:
    """Where another answer than 429 came once the limit was reached, or says that the limited token may do no more."""
    odd = burst.broken_by
    if odd is None or odd.status is None:
        return None
    reached = 0 < limit <= burst.served
    if reached or (400 <= odd.status < 500 and odd.status not in _OTHER_FAULTS):
        return Finding(f"{because}: refused, but not as a limit", "status 429", odd.got, (odd,))
    return None


def tells_when_to_retry(exchange: Exchange) -> Finding | None:
    """A Retry-After in whole seconds."""
    value = exchange.answer.header("retry-after") if exchange.answer else None
    if value is not None and value.strip().isascii() and value.strip().isdigit():
        return None
    got = "no Retry-After" if value is None else f"Retry-After: {value}"
    return Finding("a 429 for the rate limit: no Retry-After in seconds", "Retry-After: a number", got, (exchange,))


def not_forwarded(exchange: Exchange, calls: Sequence[Call], *, because: str) -> Finding | None:
    """The provider saw nothing of a refused request."""
    if not calls:
        return None
    got = f"{len(calls)} call{'s' if len(calls) > 1 else ''}"
    return Finding(f"{because}: refused, and yet sent to the provider", "no call", got, (exchange,), tuple(calls))


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What a connection was good for after a body over the limit had been refused on it.

    ``stalled``: it stayed open, and yet took no more of the request. ``next`` is the fate of a valid request on the same
    connection where that was kept, ``fresh`` of one on another connection.
    """

    refusal: Exchange
    stalled: bool
    next: Exchange | None
    fresh: Exchange


def left_in_order(aftermath: Aftermath) -> Finding | None:
    """The connection serves the next request or is closed; a close in the moment of that request is one, too."""
    message, expected = "after a body over the limit", "the connection serves the next request, or is closed"
    following = aftermath.next
    if aftermath.stalled:
        got = "it is neither read from nor closed"
        return Finding(f"{message}: the connection hangs", expected, got, (aftermath.refusal,))
    if following and (following.timed_out or following.status not in {None, 200, 429}):
        return Finding(
            f"{message}: the kept connection does not serve a valid request", expected, following.got, (following,)
        )
    if aftermath.fresh.status != 200:
        return Finding(
            f"{message}: a fresh connection is not served", "status 200", aftermath.fresh.got, (aftermath.fresh,)
        )
    return None

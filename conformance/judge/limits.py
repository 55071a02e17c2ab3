"""Limits: how many requests were served, how a refusal looks, and what became of the connection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange, Finding

# A wait of so many windows, and of more than an hour, is none of seconds: milliseconds, say, or a moment in time.
_LONGEST_WINDOWS = 100
_LONGEST_S = 3600


@dataclass(frozen=True, slots=True)
class LimitStatuses:
    """What the contract answers around a limit.

    `served` below it, `limit` above it, `client_fault` for any other refusal of the request, and `other_reason` for what a
    valid request may be answered under a token that the gateway does not know, or that may not use the model.
    """

    served: Statuses
    limit: Statuses
    client_fault: Statuses
    other_reason: Statuses


@dataclass(frozen=True, slots=True)
class Burst:
    """Requests sent one after another under one token until the first that is not served, or until enough were sent.

    `elapsed_s` is from the first one's start to the last one's answer.
    """

    exchanges: tuple[Exchange, ...]
    elapsed_s: float
    statuses: LimitStatuses

    @property
    def served(self) -> int:
        return sum(exchange.status in self.statuses.served for exchange in self.exchanges)

    @property
    def refused(self) -> Exchange | None:
        """The refusal for the limit that ended it, if one did."""
        return next((exchange for exchange in self.exchanges if exchange.status in self.statuses.limit), None)

    @property
    def broken_by(self) -> Exchange | None:
        """What else ended it, if it was neither a refusal for the limit nor that enough were sent."""
        ordinary = (self.statuses.served, self.statuses.limit)
        return next(
            (exchange for exchange in self.exchanges if not any(exchange.status in each for each in ordinary)), None
        )


def most_served(limit: int, window_s: float, elapsed_s: float) -> int:
    """The most requests that a legal limiter serves in a burst of `elapsed_s`.

    One that refills steadily serves more than the limit in time; a fixed window does so only where it ends meanwhile.
    """
    return math.floor(limit + limit * elapsed_s / window_s)


def exceeds(burst: Burst, limit: int, window_s: float) -> bool:
    """Whether more requests were served than any legal limiter serves."""
    return burst.served > most_served(limit, window_s, burst.elapsed_s)


def exceeds_beyond_doubt(burst: Burst, limit: int, window_s: float) -> bool:
    """Whether more requests were served than a fixed window serves whose edge fell into the burst."""
    edges = 1 + math.floor(burst.elapsed_s / window_s)
    return burst.served > limit * (1 + edges)


def within_limit(bursts: Sequence[Burst], limit: int, window_s: float, *, because: str) -> Finding | None:
    """At least one burst kept the limit: one may have crossed the edge of a fixed window, several in a row do not."""
    if any(not exceeds(burst, limit, window_s) for burst in bursts):
        return None
    burst = bursts[-1]
    return Finding(
        f"{because}: more requests served than the limit allows",
        f"{burst.statuses.limit} after at most {limit} requests in {window_s:g} s",
        f"{burst.served} served within {burst.elapsed_s:.2f} s",
        burst.exchanges[-1:],
    )


def within_budget(served: Sequence[Exchange], last: Exchange, spend: int, *, because: str) -> Finding | None:
    """No more requests were served than spend the budget; `last` is what came when it should be spent."""
    if len(served) <= spend:
        return None
    message = f"{because}: more requests served than the budget is for"
    return Finding(message, f"a refusal after {spend} requests", f"{len(served)} served", (served[-1], last))


def refuses_as_a_limit(burst: Burst, limit: int, *, because: str) -> Finding | None:
    """No other answer than that of a limit came once the limit was reached, or to a token that may do no more."""
    odd, statuses = burst.broken_by, burst.statuses
    if odd is None or odd.answer is None:
        return None
    reached = 0 < limit <= burst.served
    if reached or (odd.status in statuses.client_fault and odd.status not in statuses.other_reason):
        return Finding(f"{because}: refused, but not as a limit", str(statuses.limit), odd.got, (odd,))
    return None


def tells_when_to_retry(exchange: Exchange, limit: int, window_s: float) -> Finding | None:
    """A Retry-After in whole seconds: not in other units, so not many times the window in which the limit renews itself.

    A gateway may let those wait longer who ask too often, and a limit of 0 says nothing of when it is renewed.
    """
    value = exchange.answer.header("retry-after") if exchange.answer else None
    seconds = retry_after_s(exchange)
    expected, got = "Retry-After: a number", "no Retry-After" if value is None else f"Retry-After: {value}"
    if seconds is None:
        return Finding("a refusal for the rate limit: no Retry-After in seconds", expected, got, (exchange,))
    if limit and seconds > max(_LONGEST_WINDOWS * window_s, _LONGEST_S):
        message = "a refusal for the rate limit: a Retry-After that cannot be in seconds"
        return Finding(message, f"about {window_s:g} s, the window of the limit, or less", got, (exchange,))
    return None


def retry_after_s(exchange: Exchange) -> int | None:
    """The whole seconds of a Retry-After, None where there is none, or something else."""
    value = (exchange.answer.header("retry-after") or "" if exchange.answer else "").strip()
    return int(value) if value.isascii() and value.isdigit() else None


def keeps_its_word(refusal: Exchange, again: Exchange, limit: Statuses) -> Finding | None:
    """Who waited for as long as a refusal asked is not refused for the limit once more, with as little to wait for."""
    if again.status not in limit or retry_after_s(again) != retry_after_s(refusal):
        return None
    message = "a refusal for the rate limit: its Retry-After is not true"
    expected = f"another answer, or another Retry-After, once {retry_after_s(refusal)} s have gone by"
    return Finding(message, expected, f"{again.got}, again with Retry-After: {retry_after_s(again)}", (refusal, again))


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The state of a connection after a body over the limit was refused on it.

    `stalled`: it stayed open, and yet took no more of the request. `next` is a valid request on the same connection where
    that was kept, `fresh` one on another connection.
    """

    refusal: Exchange
    stalled: bool
    next: Exchange | None
    fresh: Exchange


def left_in_order(aftermath: Aftermath, served: Statuses, limit: Statuses) -> Finding | None:
    """The connection serves the next request or is closed; a close in the moment of that request is one, too.

    A refusal of the next request for the gateway's own limit is no sign of disorder.
    """
    message, expected = "after a body over the limit", "the connection serves the next request, or is closed"
    following, fresh = aftermath.next, aftermath.fresh
    if aftermath.stalled:
        got = "it is neither read from nor closed"
        return Finding(f"{message}: the connection hangs", expected, got, (aftermath.refusal,))
    if following and _disordered(following, served, limit):
        return Finding(
            f"{message}: the kept connection does not serve a valid request", expected, following.got, (following,)
        )
    if fresh.status not in served:
        return Finding(f"{message}: a fresh connection is not served", str(served), fresh.got, (fresh,))
    return None


def _disordered(following: Exchange, served: Statuses, limit: Statuses) -> bool:
    if following.answer is None:
        return following.timed_out
    return following.status not in served and following.status not in limit

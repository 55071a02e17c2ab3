"""The rate limit of a token: so many requests in a window, then refusals. Whether routes share a count is not judged.

The first check is the one that counts; the others find the limit exhausted, or exhaust it themselves.
"""

from __future__ import annotations

import time

from conformance.drive.calls import calls_after_all
from conformance.drive.case import Case
from conformance.drive.marks import decides, each, exclusive
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask
from conformance.errors import Blocked, NotVerified, Violated
from conformance.http.exchange import Exchange
from conformance.http.limits import retry_after_s
from conformance.judge.client.headers import header_of
from conformance.judge.limits import (
    Burst,
    LimitStatuses,
    exceeds,
    refuses_as_a_limit,
    tells_when_to_retry,
    within_limit,
)
from conformance.judge.upstream.calls import not_called
from conformance.target import RateLimit

_MOST_LIMIT = 200
_MOST_WINDOW_S = 90.0
# Where a burst takes more of the window than this, its end may fall into a burst again and again.
_LARGEST_SHARE = 0.1


def _limit(case: Case) -> RateLimit:
    declared = case.target.limited_tokens.rate_limit
    if declared is None:
        raise Blocked("no token with a rate limit is declared")
    if declared.limit > _MOST_LIMIT:
        raise NotVerified(f"declare limited_tokens.rate_limit with a limit of {_MOST_LIMIT} or less")
    return declared


def _burst(case: Case, limit: RateLimit, route: str, form: str) -> Burst:
    """Send valid requests until one is refused, at most as many as two windows would serve."""
    names = ("served", "limit", "client-fault", "limited-token-unusable")
    statuses = LimitStatuses(*map(case.contract.statuses, names))
    started = time.monotonic()
    exchanges: list[Exchange] = []
    while len(exchanges) < 2 * limit.limit + 3:
        exchanges.append(ask(case.example(), route, form, token=limit.token, limited=True))
        if exchanges[-1].status not in statuses.served:
            break
    burst = Burst(tuple(exchanges), time.monotonic() - started, statuses)
    case.judge(refuses_as_a_limit(burst, limit.limit, because=f"{route} ({form}) under a rate limit"))
    if burst.broken_by is not None:
        raise Blocked(f"a valid request under the limited token is not served: {burst.broken_by.got}", burst.broken_by)
    return burst


def _next_window(limit: RateLimit, burst: Burst) -> None:
    value = header_of(burst.refused, "retry-after") if burst.refused else None
    time.sleep(min(limit.window_s, retry_after_s(value)) if value else limit.window_s)


def _bursts(case: Case, limit: RateLimit, route: str, form: str) -> list[Burst]:
    """One burst, and another in the next window where the first served too many: it may have met the window's end."""
    first = _burst(case, limit, route, form)
    if not exceeds(first, limit.limit, limit.window_s):
        if first.refused is None:
            raise NotVerified("declare a smaller limited_tokens.rate_limit.limit: it was not reached fast enough")
        return [first]
    if limit.window_s > _MOST_WINDOW_S:
        raise NotVerified(f"declare limited_tokens.rate_limit with a window_s of {_MOST_WINDOW_S:g} or less")
    _next_window(limit, first)
    second = _burst(case, limit, route, form)
    if max(first.elapsed_s, second.elapsed_s) > limit.window_s * _LARGEST_SHARE:
        raise NotVerified("declare a longer limited_tokens.rate_limit.window_s: its end falls into every burst")
    return [first, second]


def _refusal(case: Case, limit: RateLimit, route: str, form: str) -> Exchange:
    """A refusal for the rate limit. Raises Blocked where there is none: another check judges that."""
    try:
        burst = _burst(case, limit, route, form)
    except Violated as found:
        raise Blocked(f"the rate limit does not refuse as a limit: {found}") from found
    if burst.refused is None:
        raise Blocked("the rate limit refuses nothing", burst.exchanges[-1])
    return burst.refused


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.rate.{route}")
def test_no_more_than_the_limit_is_served(case: Case, route: str, form: str) -> None:
    limit = _limit(case)
    bursts = _bursts(case, limit, route, form)
    case.judge(within_limit(bursts, limit.limit, limit.window_s, because=f"{route} ({form}) under a rate limit"))


@exclusive
@decides("limits.rate.retry-after")
def test_a_refusal_has_a_retry_after(case: Case) -> None:
    case.judge(tells_when_to_retry(_refusal(case, _limit(case), "speech", "json")))


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.rate.not-forwarded")
def test_what_the_rate_limit_refuses_reaches_no_provider(case: Case, route: str, form: str) -> None:
    limit = _limit(case)
    _refusal(case, limit, route, form)
    refused = case.example()
    exchange = ask(refused, route, form, token=limit.token, limited=True)
    if exchange.status not in case.contract.statuses("limit"):
        raise Blocked(f"the limit did not hold until the next request: {exchange.got}", exchange)
    case.judge(
        not_called(exchange, calls_after_all(refused, route, form), because=f"{route} ({form}) over the rate limit")
    )

"""The rate limit of a token: so many requests in a window, then refusals. Whether routes share a count is not judged.

The first check is the one that counts; the others find the limit exhausted, or exhaust it themselves.
"""

from __future__ import annotations

import time

import pytest

from conformance.drive.bursts import FRESH, KINDS, SERVED_BEFORE, Bursts, send_burst
from conformance.drive.calls import calls_after_all
from conformance.drive.case import Case
from conformance.drive.marks import conclusive, decides, each, exclusive
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask
from conformance.errors import Blocked, NotVerified, Violated
from conformance.http.exchange import Exchange
from conformance.judge.limits import keeps_its_word, retry_after_s, tells_when_to_retry, within_limit
from conformance.judge.upstream.calls import not_called
from conformance.target import RateLimit

_MOST_LIMIT = 200
_ROUNDED_S = 1.1


def _limit(case: Case) -> RateLimit:
    declared = case.target.limited_tokens.rate_limit
    if declared is None:
        raise Blocked("no token with a rate limit is declared")
    if declared.limit > _MOST_LIMIT:
        raise NotVerified(f"declare limited_tokens.rate_limit with a limit of {_MOST_LIMIT} or less")
    return declared


def _refusal(case: Case, limit: RateLimit, route: str, form: str) -> Exchange:
    """A refusal for the rate limit. Raises Blocked where there is none: another check judges that."""
    try:
        burst = send_burst(case, limit, route, form)
    except Violated as found:
        raise Blocked(f"the rate limit does not refuse as a limit: {found}") from found
    if burst.refused is None:
        raise Blocked("the rate limit refuses nothing", burst.exchanges[-1])
    return burst.refused


@exclusive
@conclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.rate.{route}")
def test_no_more_than_the_limit_is_served(case: Case, route: str, form: str) -> None:
    _judge_bursts(case, route, form, FRESH)


@exclusive
@conclusive
@decides("limits.rate.warm")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_no_more_than_the_limit_is_served_of_what_another_token_was_just_served(
    case: Case, route: str, form: str
) -> None:
    _judge_bursts(case, route, form, SERVED_BEFORE)


def _judge_bursts(case: Case, route: str, form: str, kind: str) -> None:
    limit = _limit(case)
    bursts = case.shared.get(Bursts).of(case, limit, route, form, kind)
    because = f"{route} ({form}) under a rate limit{KINDS[kind]}"
    case.judge(within_limit(bursts, limit.limit, limit.window_s, because=because))


@exclusive
@decides("limits.rate.retry-after")
def test_a_refusal_has_a_retry_after(case: Case) -> None:
    limit = _limit(case)
    case.judge(tells_when_to_retry(_refusal(case, limit, "speech", "json"), limit.limit, limit.window_s))


@exclusive
@decides("limits.rate.retry-after")
def test_a_retry_after_of_nothing_is_true(case: Case) -> None:
    """Who rounds down says 0 in the last second: it is asked again when that is over."""
    limit = _limit(case)
    refusal = _refusal(case, limit, "speech", "json")
    if retry_after_s(refusal) != 0:
        return
    time.sleep(_ROUNDED_S)
    again = ask(case.example(), "speech", "json", token=limit.token, limited=True)
    case.judge(keeps_its_word(refusal, again, case.contract.statuses("limit")))


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

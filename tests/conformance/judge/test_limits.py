"""The judge of limits: limiters of every kind pass, one request too many does not."""

from __future__ import annotations

import dataclasses

import pytest

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange
from conformance.judge.limits import (
    Aftermath,
    Burst,
    LimitStatuses,
    exceeds_beyond_doubt,
    keeps_its_word,
    left_in_order,
    refuses_as_a_limit,
    tells_when_to_retry,
    within_budget,
    within_limit,
)
from tests.conformance.judge.answers import answered, unanswered
from tests.conformance.judge.findings import LIMIT, SERVED, says

STATUSES = LimitStatuses(SERVED, LIMIT, Statuses(("4xx",)), Statuses(("400", "401", "404")))
TOO_MANY = ("x: more requests served than the limit allows", "status 429 after at most 5 requests in 60 s")


def burst(served: int, elapsed_s: float = 0.1, *, refused: bool = True) -> Burst:
    return Burst((*[answered(200)] * served, *[answered(429)] * refused), elapsed_s, STATUSES)


@pytest.mark.parametrize("served", [0, 1, 4, 5])
def test_up_to_the_limit_is_fine(served: int) -> None:
    """A token may have been used before, so fewer than the limit is no fault."""
    assert within_limit([burst(served)], 5, 60, because="x") is None


def test_one_over_the_limit_twice_in_a_row_is_found() -> None:
    """Once may be the edge of a window; the second burst starts a new one."""
    finding = within_limit([burst(6), burst(6)], 5, 60, because="x")
    assert says(finding) == (*TOO_MANY, "6 served within 0.10 s")


def test_a_burst_over_the_edge_of_a_window_is_excused_by_one_that_is_not() -> None:
    """A fixed window serves up to twice its limit around its edge."""
    assert within_limit([burst(9), burst(5)], 5, 60, because="x") is None


def test_more_than_the_windows_hold_that_a_burst_can_touch_is_beyond_doubt() -> None:
    """A short burst touches two windows at most, one that takes longer than a window three."""
    found = [exceeds_beyond_doubt(burst(*seen), 5, 60) for seen in ((10, 0.1), (11, 0.1), (11, 61.0), (16, 61.0))]
    assert found == [False, True, False, True]


def test_a_budget_serves_as_many_as_spend_it_and_no_more() -> None:
    """Fewer are no fault: some of it may have been spent before."""
    for served in range(4):
        assert within_budget([answered(200)] * served, answered(429), 3, because="x") is None
    finding = within_budget([answered(200)] * 4, answered(429), 3, because="x")
    assert says(finding) == ("x: more requests served than the budget is for", "a refusal after 3 requests", "4 served")


def test_a_limiter_that_refills_steadily_is_not_accused() -> None:
    """Five a minute are one more after twelve seconds; not after eleven."""
    assert within_limit([burst(6, 12.0)], 5, 60, because="x") is None
    assert says(within_limit([burst(6, 11.0)], 5, 60, because="x"))[2] == "6 served within 11.00 s"


def test_a_limit_that_is_over_already_serves_nothing() -> None:
    """Limit 0: the very first request is refused."""
    assert within_limit([burst(0)], 0, 60, because="x") is None
    finding = within_limit([burst(1), burst(1)], 0, 60, because="x")
    assert says(finding)[1:] == ("status 429 after at most 0 requests in 60 s", "1 served within 0.10 s")


@pytest.mark.parametrize(
    ("served", "limit", "status"), [(5, 5, 403), (5, 5, 500), (5, 5, 400), (2, 5, 402), (0, 0, 403)]
)
def test_a_limit_that_is_no_429_is_found(served: int, limit: int, status: int) -> None:
    """Any other answer once the limit is reached, and before that a refusal of the token itself."""
    ended = Burst((*[answered(200)] * served, answered(status)), 0.1, STATUSES)
    finding = refuses_as_a_limit(ended, limit, because="x")
    assert says(finding) == ("x: refused, but not as a limit", "status 429", str(status))


@pytest.mark.parametrize(("served", "status"), [(0, 401), (0, 500), (2, 503), (0, 400), (5, 429)])
def test_what_may_have_another_reason_is_not_taken_for_a_limit(served: int, status: int) -> None:
    """An unknown token, a failing provider, a model that the token may not use; and a 429 is as it should be."""
    ended = Burst((*[answered(200)] * served, answered(status)), 0.1, STATUSES)
    assert refuses_as_a_limit(ended, 5, because="x") is None


def test_no_refusal_at_all_is_found() -> None:
    """A gateway without a limiter serves them all."""
    assert says(within_limit([burst(13, refused=False)] * 2, 5, 60, because="x")) == (
        *TOO_MANY,
        "13 served within 0.10 s",
    )


@pytest.mark.parametrize("value", ["0", "1", "60", " 30 "])
def test_retry_after_in_seconds_is_accepted(value: str) -> None:
    assert tells_when_to_retry(answered(429, headers={"retry-after": value}), 5, 60) is None


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT", "\u0663"])
def test_retry_after_in_anything_else_is_found(value: str) -> None:
    message = "a refusal for the rate limit: no Retry-After in seconds"
    finding = tells_when_to_retry(answered(429, headers={"Retry-After": value}), 5, 60)
    assert says(finding) == (message, "Retry-After: a number", f"Retry-After: {value}")


def test_an_absent_retry_after_is_found() -> None:
    assert says(tells_when_to_retry(answered(429), 5, 60))[2] == "no Retry-After"


def test_a_retry_after_in_milliseconds_is_found() -> None:
    finding = tells_when_to_retry(answered(429, headers={"Retry-After": "57000"}), 5, 60)
    message = "a refusal for the rate limit: a Retry-After that cannot be in seconds"
    assert says(finding) == (message, "about 60 s, the window of the limit, or less", "Retry-After: 57000")


@pytest.mark.parametrize(("value", "limit"), [("3600", 5), ("86400", 0)])
def test_a_longer_wait_than_the_window_is_accepted(value: str, limit: int) -> None:
    """Who asked too often may have to wait; a limit that is over already has no window."""
    assert tells_when_to_retry(answered(429, headers={"Retry-After": value}), limit, 1) is None


def test_a_retry_after_of_nothing_that_is_said_again_is_found() -> None:
    refusal = answered(429, headers={"Retry-After": "0"})
    finding = keeps_its_word(refusal, refusal, LIMIT)
    assert finding
    assert finding.message == "a refusal for the rate limit: its Retry-After is not true"


@pytest.mark.parametrize("again", [answered(200), answered(429, headers={"Retry-After": "2"}), answered(500)])
def test_another_answer_later_is_accepted(again: Exchange) -> None:
    assert keeps_its_word(answered(429, headers={"Retry-After": "0"}), again, LIMIT) is None


KEPT = "the kept connection does not serve a valid request"
CLOSED = Aftermath(answered(413), stalled=False, next=None, fresh=answered(200))


@pytest.mark.parametrize(
    "following",
    [None, answered(200), answered(429), unanswered("no answer: closed")],
)
def test_a_closed_or_serving_connection_is_in_order(following: object) -> None:
    """A gateway may close just when the next request goes out; its own limit is not the point."""
    assert left_in_order(dataclasses.replace(CLOSED, next=following), SERVED, LIMIT) is None


@pytest.mark.parametrize(
    ("changes", "problem", "got"),
    [
        ({"stalled": True}, "the connection hangs", "it is neither read from nor closed"),
        ({"next": answered(400, "Bad request line")}, KEPT, "400 Bad request line"),
        ({"next": answered(413)}, KEPT, "413"),
        ({"next": unanswered("no answer", timed_out=True)}, KEPT, "no answer"),
        ({"fresh": answered(503)}, "a fresh connection is not served", "503"),
        ({"fresh": unanswered("connection refused")}, "a fresh connection is not served", "connection refused"),
    ],
)
def test_a_connection_in_disorder_is_found(changes: dict[str, object], problem: str, got: str) -> None:
    """The rest of the body taken for a request, a hanging connection, a gateway that is gone."""
    finding = left_in_order(dataclasses.replace(CLOSED, **changes), SERVED, LIMIT)  # type: ignore[arg-type]
    message, _, said = says(finding)
    assert (message, said) == (f"after a body over the limit: {problem}", got)

"""The judge of limits: limiters of every kind pass, one request too many does not."""

from __future__ import annotations

import dataclasses

import pytest

from conformance.judge.limits import (
    Aftermath,
    Burst,
    left_in_order,
    not_forwarded,
    refuses_as_a_limit,
    tells_when_to_retry,
    within_limit,
)
from tests.conformance.judge.answers import answered, unanswered


def burst(served: int, elapsed_s: float = 0.1, *, refused: bool = True) -> Burst:
    return Burst((*[answered(200)] * served, *[answered(429)] * refused), elapsed_s)


@pytest.mark.parametrize("served", [0, 1, 4, 5])
def test_up_to_the_limit_is_fine(served: int) -> None:
    """A token may have been used before, so fewer than the limit is no fault."""
    assert within_limit([burst(served)], 5, 60, because="x") is None


def test_one_over_the_limit_twice_in_a_row_is_found() -> None:
    """Once may be the edge of a window; the second burst starts a new one."""
    finding = within_limit([burst(6), burst(6)], 5, 60, because="x")
    assert finding is not None
    assert "6 served" in finding.got


def test_a_burst_over_the_edge_of_a_window_is_excused_by_one_that_is_not() -> None:
    """A fixed window serves up to twice its limit around its edge."""
    assert within_limit([burst(9), burst(5)], 5, 60, because="x") is None


def test_a_limiter_that_refills_steadily_is_not_accused() -> None:
    """Five a minute are one more after twelve seconds; not after eleven."""
    assert within_limit([burst(6, 12.0)], 5, 60, because="x") is None
    assert within_limit([burst(6, 11.0)], 5, 60, because="x") is not None


def test_a_limit_that_is_over_already_serves_nothing() -> None:
    """Limit 0: the very first request is refused."""
    assert within_limit([burst(0)], 0, 60, because="x") is None
    assert within_limit([burst(1), burst(1)], 0, 60, because="x") is not None


@pytest.mark.parametrize(
    ("served", "limit", "status"), [(5, 5, 403), (5, 5, 500), (5, 5, 400), (2, 5, 402), (0, 0, 403)]
)
def test_a_limit_that_is_no_429_is_found(served: int, limit: int, status: int) -> None:
    """Any other answer once the limit is reached, and before that a refusal of the token itself."""
    ended = Burst((*[answered(200)] * served, answered(status)), 0.1)
    assert refuses_as_a_limit(ended, limit, because="x") is not None


@pytest.mark.parametrize(("served", "status"), [(0, 401), (0, 500), (2, 503), (0, 400), (5, 429)])
def test_what_may_have_another_reason_is_not_taken_for_a_limit(served: int, status: int) -> None:
    """An unknown token, a failing provider, a model that the token may not use; and a 429 is as it should be."""
    ended = Burst((*[answered(200)] * served, answered(status)), 0.1)
    assert refuses_as_a_limit(ended, 5, because="x") is None


def test_no_refusal_at_all_is_found() -> None:
    """A gateway without a limiter serves them all."""
    assert within_limit([burst(13, refused=False)] * 2, 5, 60, because="x") is not None


@pytest.mark.parametrize("value", ["0", "1", "60", " 30 "])
def test_retry_after_in_seconds_is_accepted(value: str) -> None:
    assert tells_when_to_retry(answered(429, headers={"retry-after": value})) is None


@pytest.mark.parametrize("value", ["", "soon", "-1", "1.5", "Fri, 31 Dec 1999 23:59:59 GMT", "\u0663"])
def test_retry_after_in_anything_else_is_found(value: str) -> None:
    assert tells_when_to_retry(answered(429, headers={"Retry-After": value})) is not None


def test_an_absent_retry_after_is_found() -> None:
    assert tells_when_to_retry(answered(429)) is not None


def test_a_call_of_a_refused_request_is_found() -> None:
    """Refused means that the provider saw nothing."""
    assert not_forwarded(answered(429), [], because="x") is None
    finding = not_forwarded(answered(429), [{"position": 3}], because="x")
    assert finding is not None
    assert finding.upstream == ({"position": 3},)


CLOSED = Aftermath(answered(413), stalled=False, next=None, fresh=answered(200))


@pytest.mark.parametrize(
    "following",
    [None, answered(200), answered(429), unanswered("no answer: closed")],
)
def test_a_closed_or_serving_connection_is_in_order(following: object) -> None:
    """A gateway may close just when the next request goes out; its own limit is not the point."""
    assert left_in_order(dataclasses.replace(CLOSED, next=following)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"stalled": True},
        {"next": answered(400, "Bad request line")},
        {"next": answered(413)},
        {"next": unanswered(timed_out=True)},
        {"fresh": answered(503)},
        {"fresh": unanswered("connection refused")},
    ],
)
def test_a_connection_in_disorder_is_found(changes: dict[str, object]) -> None:
    """The rest of the body taken for a request, a hanging connection, a gateway that is gone."""
    assert left_in_order(dataclasses.replace(CLOSED, **changes)) is not None  # type: ignore[arg-type]

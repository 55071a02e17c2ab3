"""Limits on what a run sends: spaced requests, a budget for waiting, and slots that are lowered and lifted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from conformance.http.limits import ConcurrencyLimit, RateLimit, WaitBudget, retry_after_s


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("conformance.http.limits.time", clock)
    return clock


def test_requests_are_spaced_by_the_rate(clock: Clock) -> None:
    rate = RateLimit(4.0)
    for _ in range(3):
        rate.wait()
    assert clock.slept == [0.0, 0.25, 0.25]


def test_without_a_rate_nothing_waits_until_it_is_postponed(clock: Clock) -> None:
    """Two that postpone at the same time cost the wait once."""
    rate = RateLimit(None)
    rate.wait()
    assert rate.postpone(2.0) == 2.0
    assert rate.postpone(2.0) == 0.0
    rate.wait()
    assert clock.slept == [0.0, 2.0]


def test_a_wait_budget_is_spent_and_no_single_wait_is_long() -> None:
    budget = WaitBudget(30.0)
    assert budget.allows(20.0)
    assert not budget.allows(20.1)
    budget.spend(20.0)
    assert budget.allows(10.0)
    assert not budget.allows(10.1)


def test_a_refusal_of_one_alone_lifts_the_limit_for_good() -> None:
    limit = ConcurrencyLimit()
    with limit.slot():
        pass
    assert limit.lower()
    assert not limit.lower()
    assert not limit.lower()


def test_a_lowered_limit_makes_the_next_one_wait_for_a_slot() -> None:
    limit = ConcurrencyLimit()
    first_in, leave, second_in = threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with limit.slot():
            first_in.set()
            assert leave.wait(10)
            assert not second_in.is_set()

    def follow() -> None:
        with limit.slot():
            second_in.set()

    with limit.slot():
        pass
    limit.lower()
    with ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        assert first_in.wait(10)
        following = pool.submit(follow)
        assert not second_in.wait(0.1)
        leave.set()
        holding.result()
        following.result()
    assert second_in.is_set()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), (None, 1.0), ("soon", 1.0), ("Thu, 01 Jan 1970 00:00:30 GMT", 20.0)],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float) -> None:
    """Both forms of HTTP are read; anything else counts as one second."""
    assert retry_after_s(value, now=lambda: 10.0) == seconds

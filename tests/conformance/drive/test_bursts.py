"""Bursts under a rate limit: decided by one where that can be, by another after one wait where it cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from conformance.drive.bursts import FRESH, SERVED_BEFORE, Bursts, send_burst
from conformance.drive.case import Case
from conformance.errors import Blocked, NotVerified, Violated
from conformance.http.exchange import Request
from conformance.target import RateLimit
from tests.conformance.drive.stubs import case_of

LIMITED = "cpeer_limited"
LIMIT = RateLimit(token=LIMITED, limit=3, window_s=60.0)


class Limiter:
    """Serves `limit` requests of the limited token until `renew` is called; `cached` bodies before it looks at the limit."""

    def __init__(self, limit: int, *, cached: Callable[[Request], bool] = lambda _: False, refusal: int = 429) -> None:
        self.served: Counter[bytes] = Counter()
        self.left = self._limit = limit
        self._cached = cached
        self._refusal = refusal

    def renew(self, _: float = 0.0) -> None:
        self.left = self._limit

    def __call__(self, request: Request) -> int:
        if LIMITED in (request.header("authorization") or "") and not self._cached(request):
            if not self.left:
                return self._refusal
            self.left -= 1
        self.served[request.body] += 1
        return 200

    def knows(self, request: Request) -> bool:
        return self.served[request.body] > 0


def bursts_of(limiter: Limiter, kind: str = FRESH) -> list[int]:
    """How many requests each burst of speech was served."""
    return [burst.served for burst in Bursts().of(case(limiter), LIMIT, "speech", "json", kind)]


def case(limiter: Limiter) -> Case:
    return case_of(limiter)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits for a window, none of which takes time."""
    slept: list[float] = []
    monkeypatch.setattr("conformance.drive.bursts.time.sleep", slept.append)
    return slept


def test_a_limit_that_is_kept_is_decided_at_once(waits: list[float]) -> None:
    assert bursts_of(Limiter(3)) == [3]
    assert waits == []


def test_no_limit_at_all_is_decided_at_once(waits: list[float]) -> None:
    """More were served than two windows hold."""
    assert bursts_of(Limiter(1000)) == [9]
    assert waits == []


def test_one_too_many_waits_for_one_window_and_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = Limiter(4)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        limiter.renew()

    monkeypatch.setattr("conformance.drive.bursts.time.sleep", sleep)
    assert bursts_of(limiter) == [4, 4]
    assert slept == [60.0]


def test_what_the_token_was_served_before_counts_against_its_limit(waits: list[float]) -> None:
    limiter = Limiter(3)
    limiter._cached = limiter.knows
    assert bursts_of(limiter) == [3 + 9]
    assert waits == []


def test_what_another_token_was_served_counts_against_the_limit(waits: list[float]) -> None:
    limiter = Limiter(3)
    limiter._cached = limiter.knows
    assert bursts_of(limiter, SERVED_BEFORE) == [9]
    assert bursts_of(Limiter(3), SERVED_BEFORE) == [0]
    assert waits == []


def test_the_bursts_are_sent_once_for_all_checks() -> None:
    limiter, bursts = Limiter(3), Bursts()
    bursts.of(case(limiter), LIMIT, "speech", "json", FRESH)
    sent = limiter.served.total()
    bursts.of(case(limiter), LIMIT, "translations", "multipart", SERVED_BEFORE)
    assert limiter.served.total() == sent


def test_another_refusal_is_found_and_an_unknown_token_blocks() -> None:
    with pytest.raises(Violated, match="refused, but not as a limit"):
        send_burst(case(Limiter(3, refusal=403)), LIMIT, "speech", "json")
    with pytest.raises(Blocked, match="not served"):
        send_burst(case(Limiter(0, refusal=401)), LIMIT, "speech", "json")


def test_a_window_that_nobody_waits_for_is_not_verified() -> None:
    long = RateLimit(token=LIMITED, limit=3, window_s=3600.0)
    with pytest.raises(NotVerified, match="window_s of 90"):
        Bursts().of(case(Limiter(4)), long, "speech", "json", FRESH)

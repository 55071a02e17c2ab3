"""What is refused for a while is waited out, what outlasts every limit is told, and a spent budget decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.settling import LIMIT_PASSES_WITHIN_S, served_in_the_end
from conformance.errors import Blocked
from conformance.http.exchange import Answer, Exchange, Request
from tests.conformance.drive.stubs import case_of

LONG_AGO = 1_700_000_000.0


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return LONG_AGO + self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("conformance.drive.settling.time", made)
    return made


def gateway_that(answer: Callable[[], Answer]) -> Case:
    """A case over a gateway with these answers."""
    case = case_of(lambda _: 200)

    def send(request: Request, **_: Any) -> Exchange:
        return Exchange(request, answer())

    case.gateway.send = send  # type: ignore[method-assign]
    return case


def refused(status: int, retry_after: str | None = None, body: bytes = b"too many requests at a time") -> Answer:
    return Answer(status, (("Retry-After", retry_after),) if retry_after else (), body)


SERVED = Answer(200, (), b"")


def test_what_is_served_is_not_waited_for(clock: Clock) -> None:
    assert served_in_the_end(gateway_that(lambda: SERVED), "speech", "json").status == 200
    assert clock.slept == []


@pytest.mark.parametrize("retry_after", [None, "60"])
def test_a_limit_of_a_minute_is_waited_out_and_few_requests_are_sent(clock: Clock, retry_after: str | None) -> None:
    """Even where nothing else is waited for, and with or without a word on when to come back."""
    case = gateway_that(lambda: SERVED if clock.now >= 60 else refused(429, retry_after))
    assert served_in_the_end(case, "transcriptions", "json", within_s=0).status == 200
    assert len(clock.slept) < 15


@pytest.mark.parametrize("retry_after", [None, "1"])
def test_a_limit_that_outlasts_every_wait_is_no_limit(clock: Clock, retry_after: str | None) -> None:
    exchange = served_in_the_end(gateway_that(lambda: refused(429, retry_after)), "speech", "json", within_s=20)
    assert exchange.status == 429
    assert LIMIT_PASSES_WITHIN_S <= clock.now < LIMIT_PASSES_WITHIN_S + 2


def test_any_other_refusal_is_waited_out_as_long_as_was_asked(clock: Clock) -> None:
    assert served_in_the_end(gateway_that(lambda: refused(503, "1")), "speech", "json", within_s=20).status == 503
    assert clock.now == 20
    assert served_in_the_end(gateway_that(lambda: refused(500)), "speech", "json", within_s=0).status == 500
    assert clock.now == 20


def test_a_limit_that_asks_for_an_hour_decides_nothing(clock: Clock) -> None:
    with pytest.raises(Blocked, match="Retry-After 3600 s"):
        served_in_the_end(gateway_that(lambda: refused(429, "3600")), "speech", "json")
    assert clock.slept == []


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"code": "insufficient_quota"}}',
        b"Budget has been exceeded!",
        b"Limit reached: 500 requests per day",
        b"Hourly limit reached",
        b"1000 req/day",
    ],
)
@pytest.mark.usefixtures("clock")
def test_a_spent_budget_decides_nothing(body: bytes) -> None:
    with pytest.raises(Blocked, match="own budget or quota"):
        served_in_the_end(gateway_that(lambda: refused(429, body=body)), "speech", "json")


@pytest.mark.parametrize("reset", ["3600", "86400.5", str(int(LONG_AGO + 7200)), str(int(LONG_AGO + 7200) * 1000)])
def test_a_limit_that_names_a_far_reset_decides_nothing(clock: Clock, reset: str) -> None:
    answer = Answer(429, (("X-RateLimit-Reset", reset),), b"")
    with pytest.raises(Blocked, match="x-ratelimit-reset"):
        served_in_the_end(gateway_that(lambda: answer), "speech", "json")


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("reset", ["0", "30", "soon", str(int(LONG_AGO))])
def test_a_limit_that_says_it_has_passed_and_has_not_is_no_limit(reset: str) -> None:
    answer = Answer(429, (("X-RateLimit-Reset", reset),), b"")
    assert served_in_the_end(gateway_that(lambda: answer), "speech", "json").status == 429

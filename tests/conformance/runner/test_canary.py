"""Canaries notice a gateway that rests, wait for it within bounds, and say what made it rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from conformance.contracts import Statuses
from conformance.http.exchange import Answer, Exchange, Request
from conformance.runner.canary import LONGEST_REST_S, Canaries

URL = "http://gateway.example/api/audio/speech"
RESTING = b'{"error": {"message": "cooling down, 17 s left", "type": "x"}}'


def exchange(status: int, body: bytes = b"x", headers: tuple[tuple[str, str], ...] = ()) -> Exchange:
    return Exchange(Request("POST", URL), Answer(status, headers, body))


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def canaries(answers: Iterator[Exchange], clock: Clock, **options: float) -> Canaries:
    made: Canaries

    def ask(_: str) -> Exchange:
        answer = next(answers)
        made.note(answer)
        return answer

    made = Canaries(
        ask,
        {"speech": "/audio/speech"},
        Statuses(("200",)),
        clock=clock,
        sleep=clock.sleep,
        audio=("speech",),
        **options,
    )
    return made


def until(clock: Clock, ends: float, *, headers: tuple[tuple[str, str], ...] = ()) -> Iterator[Exchange]:
    while True:
        yield exchange(200) if clock.now >= ends else exchange(503, RESTING, headers)


def fail(made: Canaries, times: int, status: int = 400) -> None:
    for _ in range(times):
        made.note(exchange(status))


def test_a_gateway_that_serves_is_not_waited_for() -> None:
    clock = Clock()
    assert canaries(until(clock, 0.0), clock).serves("speech")
    assert clock.now == 1000.0


def test_a_rest_is_waited_for_and_told_with_its_trigger() -> None:
    clock = Clock()
    made = canaries(until(clock, 1030.0), clock)
    made.note(exchange(200))
    fail(made, 5)
    made.note(exchange(503, RESTING.replace(b"17", b"30")))

    assert made.serves("speech")
    assert 1030.0 <= clock.now < 1035.0
    (rest,) = made.rests
    assert str(rest).startswith("After 5 failed requests in a row (400), all requests for speech were refused for 3")
    assert "503" in rest.refusal


@pytest.mark.parametrize(
    ("media_type", "rests"), [("application/json", False), ("text/html", False), ("audio/mpeg", True)]
)
def test_a_text_under_200_serves_nobody_who_asked_for_audio(media_type: str, *, rests: bool) -> None:
    """A gateway that breaks all audio may hand on a provider's error page as a success; it does not rest for that."""
    clock = Clock()
    made = canaries(until(clock, 1e9), clock)
    made.note(exchange(200, headers=(("content-type", media_type),)))
    assert not made.serves("speech")
    assert bool(made.rests) is rests


def test_what_was_never_served_is_broken_and_not_waited_for() -> None:
    clock = Clock()
    made = canaries(until(clock, 1e9), clock)
    assert not made.serves("speech")
    assert not made.serves("speech")
    assert (clock.now, made.rests) == (1000.0, [])


def test_what_was_never_served_is_asked_again_once_a_second() -> None:
    """A gateway that fails everything is tried by the hundred, and need not be asked before each; it may come up yet."""
    clock = Clock()
    asked: list[float] = []

    def answers() -> Iterator[Exchange]:
        while True:
            asked.append(clock.now)
            yield exchange(200 if clock.now >= 1003.0 else 500)

    made = canaries(answers(), clock)
    served = []
    for _ in range(40):
        served.append(made.serves("speech"))
        clock.sleep(0.125)
    assert asked[:4] == [1000.0, 1001.0, 1002.0, 1003.0]
    assert served == [False] * 24 + [True] * 16
    assert len(asked) == 3 + 16


def test_what_got_no_answer_is_asked_again_at_once() -> None:
    """It may be gone, which is for whoever asks to say."""
    clock, silent = Clock(), Exchange(exchange(200).request, None, "connection broken", broken=True)
    made = canaries(iter([silent, exchange(200)]), clock)
    assert not made.serves("speech")
    assert made.serves("speech")


def test_what_a_check_was_served_is_asked_at_once() -> None:
    """From then on a refusal may be a rest."""
    clock = Clock()
    made = canaries(until(clock, 1000.0 + 10), clock)
    assert not made.serves("speech")
    made.note(exchange(200))
    assert made.serves("speech")
    assert clock.now >= 1010.0


def test_a_rest_without_end_is_waited_for_once() -> None:
    clock = Clock()
    made = canaries(until(clock, 1e9), clock)
    made.note(exchange(200))
    assert not made.serves("speech")
    waited = clock.now
    assert LONGEST_REST_S <= waited - 1000.0 < LONGEST_REST_S + 5
    assert not made.serves("speech")
    assert clock.now == waited
    assert "and more" in str(made.rests[0])


def test_the_budget_bounds_all_waits() -> None:
    clock = Clock()
    made = canaries(until(clock, 1e9), clock, budget_s=10.0)
    made.note(exchange(200))
    assert not made.serves("speech")
    assert clock.now - 1000.0 < 15


@pytest.mark.parametrize("asked", ["1", "3600"])
def test_a_retry_after_is_heeded_but_not_trusted(asked: str) -> None:
    """One that asks for an hour does not keep the run from finding out that the rest was short."""
    clock = Clock()
    made = canaries(until(clock, 1008.0, headers=(("Retry-After", asked),)), clock)
    made.note(exchange(200))
    assert made.serves("speech")
    assert clock.now < 1020.0


def test_looking_notices_a_rest_and_its_end_without_waiting() -> None:
    clock = Clock()
    made = canaries(until(clock, 1005.0), clock)
    made.note(exchange(200))
    look: Callable[[], None] = lambda: made.look("speech")  # noqa: E731 - a word for it
    look()
    assert clock.now == 1000.0
    assert made.rests == []
    clock.sleep(6.0)
    look()
    assert [rest.ended for rest in made.rests] == [True]
    assert made.rests[0].seconds == pytest.approx(6.0)


def test_looking_often_asks_seldom() -> None:
    clock = Clock()
    asked: list[int] = []

    def answers() -> Iterator[Exchange]:
        while True:
            asked.append(1)
            yield exchange(200)

    made = canaries(answers(), clock)
    for _ in range(20):
        made.look("speech")
        clock.sleep(0.1)
    assert len(asked) <= 3


def test_what_takes_long_is_looked_at_for_a_small_part_of_the_time() -> None:
    """A gateway that leaves everything without an answer must not cost a run the time-out of each look."""
    clock = Clock()
    asked: list[float] = []

    def answers() -> Iterator[Exchange]:
        while True:
            asked.append(clock.now)
            clock.sleep(14.0)
            yield Exchange(exchange(200).request, None, "no whole answer within 14 s", 14.0, timed_out=True)

    made = canaries(answers(), clock)
    while clock.now < 1000.0 + 400:
        made.look("speech")
        clock.sleep(0.5)
    assert asked == [1000.0, 1154.0, 1308.0]

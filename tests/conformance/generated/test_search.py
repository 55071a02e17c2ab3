"""The search finds, shrinks, stops and repeats itself; in threads too, and in bounded time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import strategies as st

from conformance.drive.case import Case
from conformance.errors import Blocked, Violated
from conformance.generated.search import LEAST_CASES, Bounds, draw, search
from conformance.http.exchange import Finding
from tests.conformance.generated.cases import case

NUMBERS = st.integers(0, 100_000)


def finding(message: str) -> Finding:
    return Finding(message, "", "")


def test_a_failing_case_is_made_small() -> None:
    """What is reported is the simplest value that fails, not the first one found."""
    with pytest.raises(Violated) as caught:
        search(case(), NUMBERS, lambda _, number: [finding(str(number))] if number >= 777 else [])
    assert [entry.message for entry in caught.value.findings] == ["777"]


def test_each_case_has_a_marker_of_its_own() -> None:
    """Two examples of one check are told apart at the provider."""
    markers: list[str] = []
    search(case(), NUMBERS, lambda example, _: markers.append(example.marker) or [])  # type: ignore[func-returns-value]
    assert len(markers) == len(set(markers)) > LEAST_CASES


def test_the_same_seed_gives_the_same_values_in_any_thread() -> None:
    """Side by side in threads, a search tries just what it tries alone; another seed or requirement gives other values."""

    def tried(seed: int, requirement: str = "generated.x") -> tuple[str, ...]:
        seen: list[str] = []
        search(
            case(seed=seed, requirement=requirement),
            st.text(),
            lambda _, text: seen.append(text) or [],  # type: ignore[func-returns-value]
        )
        return tuple(seen)

    alone = tried(1)
    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(tried, [1] * 6)) == {alone}
    assert len({alone, tried(2), tried(1, "generated.y")}) == 3


def test_what_blocks_one_case_ends_the_search() -> None:
    """A limit in the way is not a failure that could be shrunk."""
    calls: list[int] = []

    def probe(_: Case, number: int) -> list[Finding]:
        calls.append(number)
        raise Blocked("no")

    with pytest.raises(Blocked):
        search(case(), NUMBERS, probe)
    assert len(calls) == 1


def test_a_violation_counts_for_more_than_what_stopped_the_search() -> None:
    """A gateway that dies while a failure is being shrunk has failed all the same."""
    calls: list[int] = []

    def probe(_: Case, number: int) -> list[Finding]:
        calls.append(number)
        if len(calls) > 1:
            raise Blocked("gone")
        return [finding("x")]

    with pytest.raises(Violated):
        search(case(), NUMBERS, probe)


def test_a_failure_that_does_not_repeat_is_reported() -> None:
    """A gateway that fails now and then is reported with what it did, not as a fault of the suite."""
    calls: list[int] = []

    def probe(_: Case, number: int) -> list[Finding]:
        calls.append(number)
        return [finding("x")] if len(calls) == 10 else []

    with pytest.raises(Violated):
        search(case(), NUMBERS, probe)


def test_slow_gateways_get_few_cases_and_little_shrinking() -> None:
    """The time for drawing and for shrinking is bounded, but a handful of cases is always tried."""
    calls: list[float] = []

    def probe(_: Case, number: int) -> list[Finding]:
        calls.append(time.monotonic())
        return [finding("x")] if number > 10 and len(calls) >= LEAST_CASES else []

    search(case(), NUMBERS, lambda _, number: calls.append(number) or [], bounds=Bounds(drawing=0.0))  # type: ignore[func-returns-value]
    assert len(calls) == LEAST_CASES
    calls.clear()
    with pytest.raises(Violated):
        search(case(), NUMBERS, probe, bounds=Bounds(shrinking=0.0))
    assert len(calls) < 30


def test_drawing_without_trying_repeats_itself() -> None:
    """Values drawn for a later use are the same for the same seed."""
    assert draw(NUMBERS, 20, seed="0/a") == draw(NUMBERS, 20, seed="0/a") != draw(NUMBERS, 20, seed="0/b")

"""Checks run side by side, and whatever one raises becomes its result."""

import threading

import pytest

from conformance.errors import Blocked, NotVerified, Violated
from conformance.http.exchange import Finding
from conformance.reports.verdicts import Outcome
from conformance.runner.outcomes import run_check
from conformance.runner.schedule import Schedule

FINDING = Finding("m", "e", "g")


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Violated(FINDING), Outcome.FAIL),
        (Blocked("why"), Outcome.BLOCKED),
        (NotVerified("declare it"), Outcome.NOT_VERIFIED),
        (ValueError("a fault of the check"), Outcome.ERROR),
        (ExceptionGroup("several", [Blocked("why"), Violated(FINDING)]), Outcome.FAIL),
    ],
)
def test_what_a_check_raises_is_its_result(error: Exception, outcome: Outcome) -> None:
    """Nothing escapes; a violation goes before anything else."""

    def check() -> None:
        raise error

    assert run_check(check).outcome is outcome


def test_checks_of_the_pool_run_at_the_same_time() -> None:
    """Four checks that wait for each other all end: none waits for its turn in pytest."""
    barrier = threading.Barrier(4, timeout=10)
    schedule = Schedule(workers=4)
    schedule.start((str(number), barrier.wait) for number in range(4))

    results = [schedule.result(str(number), barrier.wait) for number in range(4)]
    schedule.stop()

    assert [result.outcome for result in results] == [Outcome.PASS] * 4


def test_a_check_outside_the_pool_runs_in_its_turn() -> None:
    """An exclusive check runs on the calling thread, when asked for."""
    schedule = Schedule(workers=1)
    ran_on: list[threading.Thread] = []

    result = schedule.result("alone", lambda: ran_on.append(threading.current_thread()))
    schedule.stop()

    assert result.outcome is Outcome.PASS
    assert ran_on == [threading.current_thread()]

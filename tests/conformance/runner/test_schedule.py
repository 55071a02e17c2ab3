"""Checks of the pool run side by side, others one at a time."""

import threading

from conformance.reports.verdicts import Outcome
from conformance.runner.schedule import Schedule


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

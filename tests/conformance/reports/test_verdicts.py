"""Verdicts fold as design and rulings say."""

import pytest

from conformance.contracts.requirements import Level
from conformance.reports.verdicts import ExitStatus, Outcome, RunVerdict, Verdict, exit_status, of_requirement, of_run


@pytest.mark.parametrize(
    ("level", "outcomes", "verdict"),
    [
        (Level.MUST, [Outcome.PASS, Outcome.PASS], Verdict.PASS),
        (Level.MUST, [Outcome.PASS, Outcome.FAIL], Verdict.FAIL),
        (Level.SHOULD, [Outcome.PASS, Outcome.FAIL], Verdict.WARN),
        (Level.MUST, [Outcome.PASS, Outcome.NOT_VERIFIED], Verdict.NOT_VERIFIED),
        (Level.MUST, [Outcome.NOT_VERIFIED, Outcome.BLOCKED], Verdict.BLOCKED),
        (Level.MUST, [Outcome.ERROR, Outcome.BLOCKED], Verdict.ERROR),
        (Level.MUST, [Outcome.ERROR, Outcome.FAIL], Verdict.FAIL),
        (Level.MUST, [], Verdict.ERROR),
    ],
)
def test_a_requirement_is_as_good_as_its_worst_check(level: Level, outcomes: list[Outcome], verdict: Verdict) -> None:
    """A pass never hides what another check found, and no check at all is never a pass."""
    assert of_requirement(level, outcomes) is verdict


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({"pass": 3}, ExitStatus.CONFORMING),
        ({"pass": 3, "warn": 2}, ExitStatus.CONFORMING),
        ({"pass": 3, "fail": 1, "error": 1}, ExitStatus.VIOLATING),
        ({"pass": 3, "error": 1}, ExitStatus.UNREACHABLE),
        ({"not-verified": 3, "blocked": 1}, ExitStatus.UNDECIDED),
        ({}, ExitStatus.UNDECIDED),
    ],
)
def test_the_exit_status_is_the_first_that_holds(counts: dict[str, int], status: ExitStatus) -> None:
    """Violating goes before harness error, harness error before undecided."""
    assert exit_status(counts) is status


def test_a_run_with_nothing_decided_is_undecided() -> None:
    """Not-verified is never counted as passed."""
    assert of_run([Verdict.NOT_VERIFIED, Verdict.BLOCKED]) is RunVerdict.UNDECIDED
    assert of_run([Verdict.NOT_VERIFIED, Verdict.WARN]) is RunVerdict.CONFORMING
    assert of_run([Verdict.PASS, Verdict.FAIL]) is RunVerdict.VIOLATING


def test_a_suite_that_erred_has_shown_nothing() -> None:
    """But what it found violated stays so."""
    assert of_run([Verdict.PASS, Verdict.ERROR]) is RunVerdict.UNDECIDED
    assert of_run([Verdict.FAIL, Verdict.ERROR]) is RunVerdict.VIOLATING


def test_what_is_unsteady_is_no_violation_and_no_pass() -> None:
    """It held alone, so it is decided and conforming; whatever could not be decided in another form goes before it."""
    assert of_requirement(Level.MUST, [Outcome.PASS, Outcome.UNSTEADY]) is Verdict.UNSTEADY
    assert of_requirement(Level.MUST, [Outcome.UNSTEADY, Outcome.BLOCKED]) is Verdict.BLOCKED
    assert of_requirement(Level.MUST, [Outcome.UNSTEADY, Outcome.FAIL]) is Verdict.FAIL
    assert of_run([Verdict.UNSTEADY]) is RunVerdict.CONFORMING
    assert exit_status({"unsteady": 1}) is ExitStatus.CONFORMING

"""Whatever a check raises becomes its result, with what it shows."""

import pytest

from conformance.errors import Blocked, NotVerified, Violated
from conformance.http.exchange import Exchange, Finding, Request
from conformance.reports.verdicts import Outcome
from conformance.runner.outcomes import run_check

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


def test_a_violation_brings_its_findings_and_a_stopped_check_its_exchanges() -> None:
    """So that a report can show what was in the way."""
    exchange = Exchange(Request("POST", "http://127.0.0.1:1"))

    def violated() -> None:
        raise Violated(FINDING)

    def blocked() -> None:
        raise Blocked("a valid request was not served", exchange)

    assert run_check(violated).findings == (FINDING,)
    assert (run_check(blocked).reason, run_check(blocked).exchanges) == ("a valid request was not served", (exchange,))


def test_a_fault_of_the_suite_keeps_its_exception() -> None:
    """It is named in the report, and pytest gets the traceback."""

    def check() -> None:
        raise ValueError("a fault of the check")

    result = run_check(check)

    assert result.reason == "ValueError: a fault of the check"
    assert isinstance(result.trouble, ValueError)


def test_a_check_that_ends_well_has_passed() -> None:
    """It has taken some time, and has nothing to say."""
    result = run_check(lambda: None)

    assert (result.outcome, result.reason, result.findings) == (Outcome.PASS, "", ())
    assert result.duration_s >= 0

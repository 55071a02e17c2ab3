"""What a replay concludes: fixed, still failing, changed, or undecided."""

import re

import msgspec
import pytest

from conformance.contracts.requirements import Level
from conformance.errors import GatewayUnreachable
from conformance.http.exchange import Answer, Exchange, Request
from conformance.reports.entries import RequirementReport
from conformance.reports.findings import FindingReport
from conformance.reports.verdicts import ExitStatus, Verdict
from conformance.runner.kept_cases import KeptCase
from conformance.runner.replay import by_checks, by_status

CASE = KeptCase(
    requirement="a.must",
    check="test_x::test_y",
    message="m",
    expected="e",
    got="g",
    seed=7,
    effort="quick",
    judged_by="status",
    statuses=(200, 400),
    status=500,
)
REQUEST = Request("POST", "http://127.0.0.1:1/v1/audio/speech")


def answered(status: int) -> Exchange:
    return Exchange(REQUEST, Answer(status, (), b"body"))


@pytest.mark.parametrize(
    ("status", "ends", "text"),
    [
        (400, ExitStatus.CONFORMING, "fixed: 400 body"),
        (500, ExitStatus.VIOLATING, "still failing: 500 body"),
        (502, ExitStatus.VIOLATING, "changed, and failing: 502 body"),
    ],
)
def test_the_status_of_the_kept_request_decides(status: int, ends: ExitStatus, text: str) -> None:
    """One of those that would have kept the requirement, the one that failed then, or another."""
    replayed = by_status(CASE, answered(status))

    assert (replayed.status, replayed.text) == (ends, text)


def test_nobody_there_is_no_failure_of_the_kept_kind() -> None:
    """Where the gateway had answered then, it is not running now; where it had not, it is failing still."""
    gone = Exchange(REQUEST, None, "connection refused", refused=True)
    reset = Exchange(REQUEST, None, "connection reset", broken=True)

    with pytest.raises(GatewayUnreachable, match=re.escape("127.0.0.1:1")):
        by_status(CASE, gone)
    assert by_status(msgspec.structs.replace(CASE, status=None), reset).text == "still failing: connection reset"


def entry(verdict: Verdict, *checks: str) -> RequirementReport:
    findings = tuple(FindingReport(check, f"message of {check}", "e", "got") for check in checks)
    return RequirementReport("a.must", Level.MUST, "s", "It must.", verdict, "p.md#s", "reason", 1, findings)


@pytest.mark.parametrize(
    ("now", "ends", "text"),
    [
        (entry(Verdict.PASS), ExitStatus.CONFORMING, "fixed: its checks pass with seed 7"),
        (
            entry(Verdict.FAIL, "other", "test_x::test_y"),
            ExitStatus.VIOLATING,
            "still failing with seed 7: message of test_x::test_y: got",
        ),
        (
            entry(Verdict.WARN, "other"),
            ExitStatus.VIOLATING,
            "changed, and failing with seed 7: message of other: got",
        ),
        (entry(Verdict.BLOCKED), ExitStatus.UNDECIDED, "undecided: blocked, reason"),
        (entry(Verdict.ERROR), ExitStatus.UNREACHABLE, "undecided: error, reason"),
    ],
    ids=["pass", "same-check", "other-check", "blocked", "error"],
)
def test_the_checks_of_the_requirement_decide(now: RequirementReport, ends: ExitStatus, text: str) -> None:
    """The finding of the kept check goes before others of the same requirement."""
    replayed = by_checks(CASE, now)

    assert (replayed.status, replayed.text) == (ends, text)

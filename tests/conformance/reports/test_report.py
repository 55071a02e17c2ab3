"""The report of a run is folded from its ledger and nothing else: verdicts, counts, exit status."""

import msgspec
import pytest

from conformance.reports.html import to_html
from conformance.reports.ledger import (
    CheckFinished,
    LeftUndecided,
    Remarked,
    RunFinished,
)
from conformance.reports.markdown import to_markdown
from conformance.reports.report import fold
from conformance.reports.verdicts import ExitStatus, Outcome, RunVerdict, Verdict
from tests.conformance.reports.samples import events, shown


def test_the_report_is_folded_from_the_events() -> None:
    """Verdicts, counts and exit status follow from what the ledger holds."""
    report = fold(events())

    assert [entry.verdict for entry in report.requirements] == [Verdict.FAIL, Verdict.WARN, Verdict.NOT_VERIFIED]
    assert report.verdict is RunVerdict.VIOLATING
    assert report.exit_status is ExitStatus.VIOLATING
    assert report.counts["fail"] == report.counts["warn"] == report.counts["not-verified"] == 1


def test_a_run_that_came_to_grief_is_no_conforming_one() -> None:
    """What it saw violated stays violated; what it saw passed says nothing of the rest."""
    first, left, _, passed, _, _ = events()
    held = (first, left, passed, msgspec.structs.replace(passed, requirement="a.should"))

    assert fold((*held, RunFinished(1.0))).verdict is RunVerdict.CONFORMING
    broken = fold((*held, RunFinished(1.0, "the gateway no longer answers")))
    assert (broken.verdict, broken.exit_status) == (RunVerdict.UNDECIDED, ExitStatus.UNREACHABLE)
    assert fold((*events()[:-1], RunFinished(1.0, "gone"))).verdict is RunVerdict.VIOLATING


def test_a_violation_stands_without_what_could_not_be_decided_beside_it() -> None:
    """A check of the same requirement that was blocked has a finding of its own, which is no violation."""
    first, *others = events()
    described = msgspec.structs.replace(
        others[1].findings[0],  # type: ignore[union-attr]
        message="a valid request was not served",
    )
    blocked = CheckFinished("a.must", "test_x::test_v", Outcome.BLOCKED, 0.1, "not served", (described,))

    entry = fold((first, blocked, *others)).requirements[0]

    assert (entry.verdict, entry.reason, entry.checks) == (Verdict.FAIL, "wrong status", 3)
    assert [each.message for each in entry.findings] == ["wrong status"]


def test_a_planned_requirement_without_a_check_is_the_suites_fault() -> None:
    """It is an error, never a pass."""
    start, *_ = events()
    report = fold((start, RunFinished(1.0)))

    assert report.requirements[0].verdict is Verdict.ERROR
    assert report.exit_status is ExitStatus.UNREACHABLE


def test_a_ledger_that_breaks_off_says_so() -> None:
    """A run killed half way still gives a report, with the problem named."""
    report = fold(events()[:-1])

    assert report.problem == "the run did not finish"


def test_what_is_not_applicable_is_left_out_of_the_total() -> None:
    """A contract that asks for two requirements is decided by two, however many others there are."""
    start, _, *others = events()
    report = fold((start, LeftUndecided("a.unknown", Verdict.NOT_APPLICABLE, "toy does not ask for it"), *others))

    assert (report.applicable, report.counts["not-applicable"]) == (2, 1)
    assert "2 of 2 requirements decided: 1 fail, 1 warn" in shown(report)
    assert "1 requirements of other contracts are not applicable" in shown(report)


def test_a_ledger_without_the_start_of_a_run_is_no_report() -> None:
    """Nothing is known of a run whose beginning is lost."""
    with pytest.raises(ValueError, match="begins with the start of a run"):
        fold(events()[1:])
    with pytest.raises(ValueError, match="begins with the start of a run"):
        fold(())


def test_what_a_first_look_suggests_is_told_before_the_findings() -> None:
    """In every report that a person reads, and as text."""
    start, *others = events()
    report = fold((start, Remarked("It seems to <b>speak</b> another"), *others))

    assert report.remarks == ("It seems to <b>speak</b> another",)
    assert shown(report).index("seems to") < shown(report).index("wrong status")
    assert "seems to &lt;b&gt;speak" in to_html(report)
    assert r"seems to \<b\>speak" in to_markdown(report)

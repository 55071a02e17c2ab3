"""A finding is told under the plainest requirement that explains it, as far as the run judges that one."""

from __future__ import annotations

from conformance.http.exchange import Finding
from conformance.reports.verdicts import Outcome
from conformance.runner.filing import filed
from conformance.runner.outcomes import Result

OWN, PLAIN = "generated.concurrency", "provider.speech.input-exact"
MIXED = Finding("mixed up", "x", "y")
LOST = Finding("a line break is lost", "x", "y", plainer=(PLAIN, "generated.speech.text"))


def failed(*findings: Finding, otherwise: Outcome = Outcome.PASS) -> Result:
    return Result(Outcome.FAIL, 0.1, "; ".join(each.message for each in findings), findings, otherwise=otherwise)


def test_a_finding_of_its_own_stays() -> None:
    assert filed(OWN, failed(MIXED), {OWN, PLAIN}) == [(OWN, failed(MIXED))]


def test_what_a_plainer_requirement_explains_is_told_there_and_the_check_says_so() -> None:
    (own, left), (plain, moved) = filed(OWN, failed(LOST), {OWN, PLAIN})
    assert (own, left.outcome, left.findings) == (OWN, Outcome.PASS, ())
    assert PLAIN in left.reason
    assert (plain, moved.outcome) == (PLAIN, Outcome.FAIL)
    assert moved.findings[0].message == f"a line break is lost (found by {OWN})"


def test_a_check_that_saw_nothing_else_is_not_passed() -> None:
    (_, left), _ = filed(OWN, failed(LOST, otherwise=Outcome.BLOCKED), {OWN, PLAIN})
    assert left.outcome is Outcome.BLOCKED
    assert PLAIN in left.reason


def test_of_two_findings_each_goes_to_its_own_place() -> None:
    (own, left), (plain, moved) = filed(OWN, failed(MIXED, LOST), {OWN, PLAIN})
    assert (own, left.outcome, left.findings) == (OWN, Outcome.FAIL, (MIXED,))
    assert (plain, len(moved.findings)) == (PLAIN, 1)


def test_the_next_plainest_is_taken_where_the_plainest_is_not_judged() -> None:
    assert [name for name, _ in filed(OWN, failed(LOST), {OWN, "generated.speech.text"})] == [
        OWN,
        "generated.speech.text",
    ]


def test_where_none_is_judged_the_check_accuses_and_names_it() -> None:
    [(own, stays)] = filed(OWN, failed(LOST), {OWN})
    assert (own, stays.outcome) == (OWN, Outcome.FAIL)
    assert stays.findings[0].message == f"a line break is lost (what {PLAIN} asks for)"


def test_what_was_not_confirmed_goes_nowhere() -> None:
    unsteady = Result(Outcome.UNSTEADY, 0.1, "once", (LOST,))
    assert filed(OWN, unsteady, {OWN, PLAIN}) == [(OWN, unsteady)]

"""A baseline in the reports: each says the same as the exit status, and tells what is known from what is new."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from xml.etree import ElementTree as ET

import msgspec
import pytest

from conformance.reports import files
from conformance.reports.badge import to_badge
from conformance.reports.baseline import Baseline, baseline_of
from conformance.reports.ctrf import to_ctrf
from conformance.reports.html import to_html
from conformance.reports.junit import to_junit
from conformance.reports.ledger import BaselineGiven, CheckFinished, Event, RunFinished, StrictnessGiven
from conformance.reports.markdown import to_markdown
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import ExitStatus, Outcome, RunVerdict
from tests.conformance.reports.broken_run import broken
from tests.conformance.reports.samples import events, shown

TODAY, EXPIRES = date(2026, 12, 1), date(2027, 3, 1)
READABLE: dict[str, Callable[[Report], str]] = {
    "console": shown,
    "html": to_html,
    "markdown": to_markdown,
    "badge": to_badge,
    "ctrf": to_ctrf,
}


def whole() -> Baseline:
    """All that the run violates, with a reason of its own."""
    report = fold(broken())
    return baseline_of(report.contract, report.causes, owner="sam", reason="ticket 417", expires=EXPIRES)


def without(name: str) -> Baseline:
    """The same, but for one requirement."""
    entries = (
        msgspec.structs.replace(entry, requirements=tuple(each for each in entry.requirements if each != name))
        for entry in whole().entries
    )
    return Baseline(contract="audio-api", entries=tuple(entry for entry in entries if entry.requirements))


def beside(baseline: Baseline, today: date = TODAY, run: tuple[Event, ...] | None = None) -> Report:
    """The report of a run that had this baseline on this day."""
    return fold((*(run or broken()), BaselineGiven(baseline, today)))


def cases(report: Report) -> dict[str, ET.Element]:
    """JUnit's cases by their full name."""
    root = ET.fromstring(to_junit(report))
    return {f"{case.get('classname')}.{case.get('name')}": case for case in root.iter("testcase")}


def test_what_is_known_fails_nothing() -> None:
    """The verdict stays what the gateway is; the exit status and every report let it be."""
    report = beside(whole())
    suite = ET.fromstring(to_junit(report)).find("testsuite")
    summary = json.loads(to_ctrf(report))["results"]["summary"]

    assert (report.verdict, report.exit_status) == (RunVerdict.VIOLATING, ExitStatus.CONFORMING)
    assert suite is not None
    assert suite.get("failures") == "0"
    assert summary["failed"] == 0
    assert report.fresh_causes == ()
    assert "#1a7f37" in to_badge(report)


@pytest.mark.parametrize("name", list(READABLE))
def test_each_report_says_that_it_is_known(name: str) -> None:
    assert "violating, as known" in READABLE[name](beside(whole()))


def test_a_known_failure_is_skipped_with_its_reason() -> None:
    """A case that passed would say that the gateway does what it does not."""
    case = cases(beside(whole()))["speech.content-type.mp3"]
    skipped = case.find("skipped")
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}

    assert skipped is not None
    assert skipped.get("message") == properties["known"] == "known until 2027-03-01 (sam): ticket 417"
    assert properties["verdict"] == "fail"
    assert case.find("failure") is None


def test_what_is_new_comes_first_and_what_is_known_is_folded() -> None:
    """One requirement is in no entry: it fails everywhere, and the others do not."""
    report = beside(without("speech.content-type.mp3"))
    failing = [name for name, case in cases(report).items() if case.find("failure") is not None]
    page, text = to_html(report), to_markdown(report)

    assert report.exit_status is ExitStatus.VIOLATING
    assert failing == ["speech.content-type.mp3"]
    assert [
        test["name"] for test in json.loads(to_ctrf(report))["results"]["tests"] if test["status"] == "failed"
    ] == failing
    assert "<h2>1 cause, mend this</h2>" in page
    assert page.index("mend this") < page.index('<details class="known"') < page.index("known until")
    assert text.index("1 cause, mend this") < text.index("<details><summary>known: ")
    assert "known until 2027" in text.partition("<summary>known: ")[2]
    assert "1 new" in shown(report).replace("new: 1", "1 new")


@pytest.mark.parametrize("name", [name for name in READABLE if name != "badge"])
def test_an_expired_entry_excuses_nothing_and_is_told(name: str) -> None:
    """From its day on it is no longer known, and fails by itself."""
    report = beside(whole(), EXPIRES)

    assert "expired: mend it, or say anew until when" in READABLE[name](report)
    assert "known until" not in READABLE[name](report)
    assert report.exit_status is ExitStatus.VIOLATING


def test_entries_that_are_out_of_date_are_cases_that_fail() -> None:
    """Expired ones beside the violations that they no longer excuse; a stale one where all else is well."""
    expired = {name for name, case in cases(beside(whole(), EXPIRES)).items() if case.find("failure") is not None}
    run = tuple(
        msgspec.structs.replace(event, outcome=Outcome.PASS, findings=())
        if isinstance(event, CheckFinished) and event.requirement == "speech.content-type.mp3"
        else event
        for event in broken()
    )
    report = beside(whole(), run=run)
    stale = {name: case.find("failure") for name, case in cases(report).items() if case.find("failure") is not None}

    assert {"speech.content-type.mp3", "baseline.speech.content-type.mp3"} <= expired
    assert list(stale) == ["baseline.speech.content-type.mp3"]
    assert report.exit_status is ExitStatus.VIOLATING
    assert "mended: 1" in shown(report)
    assert "1 mended" in to_markdown(report)


def test_a_conforming_gateway_with_a_stale_entry_fails_and_says_why() -> None:
    """The gateway is what it is; it is the baseline that has to be mended."""
    start, left, *_ = events()
    kept = CheckFinished("a.must", "c", Outcome.PASS, 0.1), CheckFinished("a.should", "c", Outcome.PASS, 0.1)
    known = msgspec.structs.replace(whole().entries[0], requirements=("a.must",))
    report = beside(Baseline(contract="audio-api", entries=(known,)), run=(start, left, *kept, RunFinished(1.0)))

    assert (report.verdict, report.exit_status) == (RunVerdict.CONFORMING, ExitStatus.VIOLATING)
    assert "conforming, but the baseline is out of date" in to_badge(report)


def test_a_run_that_did_not_end_is_saved_by_no_baseline() -> None:
    """Nothing was decided, or the gateway died on the way: neither is excused."""
    start, left, *others, _ = broken()
    undecided = beside(Baseline(contract="audio-api"), run=(start, left, RunFinished(1.0, "gone")))
    broken_off = beside(whole(), run=(start, left, *others, RunFinished(1.0, "the gateway is gone")))

    assert undecided.exit_status is ExitStatus.UNREACHABLE
    assert broken_off.exit_status is ExitStatus.UNREACHABLE


def test_a_strict_run_fails_on_what_is_unsteady_in_every_report() -> None:
    """And says that this is why."""
    start, left, *_ = events()
    told = CheckFinished("a.must", "c", Outcome.UNSTEADY, 0.1, "came and went")
    run = (start, left, told, CheckFinished("a.should", "c", Outcome.PASS, 0.1), RunFinished(1.0))
    lenient, strict = fold(run), fold((*run, StrictnessGiven()))

    assert (lenient.exit_status, strict.exit_status) == (ExitStatus.CONFORMING, ExitStatus.VIOLATING)
    assert cases(lenient)["a.must"].find("failure") is None
    assert cases(strict)["a.must"].find("failure") is not None
    assert "conforming, but unsteady" in shown(strict)


def test_report_json_holds_what_the_others_are_made_of() -> None:
    """A reader needs no other file to know what is excused, and what the command ended with."""
    document = json.loads(files.to_json(beside(without("speech.content-type.mp3"))))

    assert document["exit_status"] == 1
    assert document["baseline"]["new"] == ["speech.content-type.mp3"]
    assert document["baseline"]["known"][0]["owner"] == "sam"

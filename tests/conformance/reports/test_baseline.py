"""A baseline excuses what it names until its day, and nothing else."""

from datetime import date
from pathlib import Path

import msgspec
import pytest

from conformance.cli import main
from conformance.errors import UsageError
from conformance.reports import files
from conformance.reports.baseline import Baseline, baseline_of, check, compare, load, to_yaml
from conformance.reports.entries import RequirementReport
from conformance.reports.report import Report, fold
from conformance.reports.verdicts import Verdict
from tests.conformance.reports.broken_run import broken

TODAY = date(2026, 12, 1)


@pytest.fixture
def report() -> Report:
    return fold(broken())


@pytest.fixture
def known(report: Report) -> Baseline:
    return baseline_of(report.contract, report.causes, owner="sam", reason="", expires=date(2027, 3, 1))


def changed(report: Report, name: str, verdict: Verdict) -> list[RequirementReport]:
    """The report's requirements with another verdict for one."""
    return [
        msgspec.structs.replace(entry, verdict=verdict) if entry.id == name else entry for entry in report.requirements
    ]


def test_a_baseline_of_a_report_covers_it(report: Report, known: Baseline, tmp_path: Path) -> None:
    """An entry for each cause, which the file gives back as it was written."""
    file = tmp_path / "baseline.yaml"
    file.write_text(to_yaml(known))

    assert load(file) == known
    assert compare(report.requirements, known, TODAY).holds
    assert {entry.owner for entry in known.entries} == {"sam"}
    assert known.entries[0].expires == date(2027, 3, 1)


def test_a_new_violation_does_not_hold(report: Report, known: Baseline) -> None:
    """One that no entry names; a SHOULD is a warning there, too."""
    compared = compare(changed(report, "speech.format.flac", Verdict.FAIL), known, TODAY)
    warned = compare(changed(report, "speech.format.flac", Verdict.WARN), known, TODAY)

    assert compared.new == ("speech.format.flac",)
    assert not compared.holds
    assert warned.holds


def test_what_is_mended_says_so_and_an_entry_of_nothing_else_is_stale(report: Report, known: Baseline) -> None:
    """What was not decided this time is neither."""
    (entry,) = [each for each in known.entries if "speech.content-type.mp3" in each.requirements]
    mended = compare(changed(report, "speech.content-type.mp3", Verdict.PASS), known, TODAY)
    undecided = compare(changed(report, "speech.content-type.mp3", Verdict.BLOCKED), known, TODAY)

    assert mended.mended == ("speech.content-type.mp3",)
    assert mended.stale == (entry,)
    assert not mended.holds
    assert undecided.holds


def test_an_entry_is_no_excuse_from_its_day_on(report: Report, known: Baseline) -> None:
    """The day before it is."""
    day = known.entries[0].expires
    compared = compare(report.requirements, known, day)

    assert compared.expired == known.entries
    assert compared.known == ()
    assert compare(report.requirements, known, day.replace(month=2, day=28)).holds


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("entries: [", "is no baseline"),
        ("contract: audio-api\nentries: [{requirements: [a], reason: r, owner: o}]", "expires"),
        ("contract: audio-api\nentries: [{requirements: [a], reason: ' ', owner: o, expires: 2027-01-01}]", "a reason"),
        ("contract: c\nowner: x", "owner"),
    ],
)
def test_a_wrong_file_is_named_with_its_place(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "known.yaml"
    file.write_text(text)

    with pytest.raises(UsageError) as caught:
        load(file)

    assert "known.yaml" in str(caught.value)
    assert problem in str(caught.value)


def test_another_contract_is_refused(known: Baseline) -> None:
    """Its ids may mean the same, but it was another promise."""
    with pytest.raises(UsageError, match="of the contract audio-api, and the run of other"):
        check(known, "other", ())


def test_an_id_that_is_none_is_named_with_its_place(known: Baseline) -> None:
    """It would excuse nothing, and never be stale."""
    ids = {name for entry in known.entries for name in entry.requirements}
    check(known, known.contract, ids)
    last = known.entries[-1].requirements[-1]

    with pytest.raises(UsageError, match=rf"entries\[{len(known.entries) - 1}\] names {last}"):
        check(known, known.contract, ids - {last})


def test_the_command_writes_one(report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To a file, or to be looked at."""
    files.write(report, tmp_path)
    file = tmp_path / "known.yaml"

    assert main(["baseline", str(tmp_path), "--owner", "kim", "--reason", "next release", "--output", str(file)]) == 0
    assert {(entry.owner, entry.reason) for entry in load(file).entries} == {("kim", "next release")}
    assert main(["baseline", str(tmp_path), "--owner", "kim"]) == 0
    assert "owner: kim" in capsys.readouterr().out


def test_a_file_that_was_edited_is_not_written_over(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files.write(report, tmp_path)
    file = tmp_path / "known.yaml"
    file.write_text("edited by hand")

    assert main(["baseline", str(tmp_path), "--owner", "kim", "--output", str(file)]) == 2
    assert file.read_text() == "edited by hand"
    assert f"{file} exists" in capsys.readouterr().err


def test_each_entry_stands_by_itself(known: Baseline) -> None:
    """No anchors: a day that is changed in one entry changes in no other."""
    entries = (*known.entries, *known.entries)

    assert "&id" not in to_yaml(msgspec.structs.replace(known, entries=entries))

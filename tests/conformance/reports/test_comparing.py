"""Reports side by side: the diff knows better from worse, the matrix leaves nothing out."""

import json
from pathlib import Path

import pytest

from conformance.cli import main
from conformance.errors import UsageError
from conformance.reports.comparing import Change, differences, load


def report(folder: Path, name: str, **verdicts: str) -> Path:
    """A report.json with one requirement for each verdict."""
    file = folder / name / "report.json"
    file.parent.mkdir()
    entries = [
        {"id": f"area.{key}", "level": "MUST", "section": "s", "statement": "S.", "verdict": verdict, "link": "p.md#s"}
        for key, verdict in verdicts.items()
    ]
    suite = {"version": "1", "catalogue": "1", "seed": 0, "effort": "quick"}
    value = {"format": 2, "contract": "audio-api", "causes": [], "suite": suite, "target": {}, "started": ""}
    outcome = {"duration_s": 1.0, "verdict": "conforming", "counts": {}}
    file.write_text(json.dumps({**value, **outcome, "requirements": entries}))
    return file


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("pass", "fail", Change.BROKEN),
        ("blocked", "fail", Change.BROKEN),
        ("pass", "warn", Change.BROKEN),
        ("warn", "fail", Change.BROKEN),
        ("fail", "pass", Change.FIXED),
        ("not-verified", "pass", Change.FIXED),
        ("fail", "warn", Change.FIXED),
        ("pass", "blocked", Change.CHANGED),
        ("fail", "not-verified", Change.CHANGED),
        ("unsteady", "fail", Change.BROKEN),
        ("fail", "unsteady", Change.CHANGED),
    ],
)
def test_each_way_from_verdict_to_verdict_has_a_name(tmp_path: Path, old: str, new: str, change: Change) -> None:
    """To fail is a step back from anywhere; what can no longer be decided is neither better nor worse."""
    found = differences(load(report(tmp_path, "a", x=old)), load(report(tmp_path, "b", x=new)))
    assert [each.change for each in found] == [change]


def test_what_came_and_went_is_no_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two runs of one gateway differ in nothing, though something was unsteady in one of them."""
    old = report(tmp_path, "old", a="pass", b="unsteady", c="fail")
    new = report(tmp_path, "new", a="unsteady", b="pass", c="fail")

    assert main(["diff", str(old), str(new)]) == 0
    assert "no difference" in capsys.readouterr().out


def test_a_diff_ends_with_1_only_where_something_broke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Requirements that came or went are told, and are no regression."""
    old = report(tmp_path, "old", same="pass", better="fail", gone="pass")
    new = report(tmp_path, "new", same="pass", better="pass", fresh="fail")
    assert main(["diff", str(old), str(new.parent)]) == 0
    told = capsys.readouterr().out
    assert "fixed     area.better  fail -> pass" in told
    assert "gone" in told
    assert "none -> fail" in told
    assert "area.same" not in told
    assert main(["diff", str(new), str(old)]) == 1
    assert "1 broken" in capsys.readouterr().out


def test_a_matrix_has_a_row_for_every_requirement_of_any_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In Markdown, with an empty cell where a report does not know the requirement."""
    one, two = report(tmp_path, "one", a="pass", b="fail"), report(tmp_path, "two", b="pass", c="warn")
    assert main(["matrix", str(one), str(two), "--markdown"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "| run | one | two |"
    assert "| s | 1 of 2 kept | 1 of 2 kept |" in lines
    rows = ["| `area.a` MUST | pass |  |", "| `area.b` MUST | fail | pass |", "| `area.c` MUST |  | warn |"]
    assert lines[-3:] == rows
    assert main(["matrix", str(one)]) == 0
    assert "area.b" in capsys.readouterr().out


def test_what_is_no_report_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Status 2 and a sentence with the file in it."""
    (tmp_path / "x.json").write_text("{}")
    assert main(["diff", str(tmp_path / "x.json"), str(tmp_path / "none")]) == 2
    assert "x.json is no report.json" in capsys.readouterr().err


def test_a_report_of_another_format_says_so(tmp_path: Path) -> None:
    """A report of an older suite is no broken file: both formats are named, and what to do."""
    file = report(tmp_path, "old", a="pass")
    file.write_text(file.read_text().replace('"format": 2', '"format": 1'))

    with pytest.raises(UsageError) as caught:
        load(file)

    assert "has format 1" in caught.value.message
    assert "reads format 2" in caught.value.message
    assert "Judge the gateway again" in caught.value.hint

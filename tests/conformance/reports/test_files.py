"""The reports that are files: whole, in the documented shape, without secrets."""

import json
from pathlib import Path

from rich.console import Console

from conformance.reports import files
from conformance.reports.console import show
from conformance.reports.report import fold
from tests.conformance.reports.samples import TOKEN, events


def test_report_json_has_the_documented_shape(tmp_path: Path) -> None:
    """The keys are those that others read."""
    files.write(fold(events()), tmp_path)
    document = json.loads((tmp_path / "report.json").read_text())

    assert document["format"] == 2
    assert document["contract"] == "audio-api"
    assert set(document["causes"][0]) >= {"id", "title", "requirements", "findings", "mend"}
    assert set(document) >= {"suite", "target", "started", "duration_s", "verdict", "counts", "requirements"}
    assert set(document["suite"]) == {"version", "catalogue", "seed", "effort"}
    entry = document["requirements"][0]
    assert set(entry) >= {"id", "level", "section", "link", "statement", "verdict", "reason", "findings"}
    keys = {"check", "message", "expected", "got", "cause", "exchanges", "upstream", "script", "curl", "rerun", "case"}
    found = entry["findings"][0]
    assert set(found) == keys
    assert (found["exchanges"][0]["response"]["status"], found["upstream"][0]["position"]) == (500, 1)


def test_no_report_shows_a_secret(tmp_path: Path) -> None:
    """Neither the client's token nor the provider's key is in any file or on the console."""
    report = fold(events(tmp_path))
    files.write(report, tmp_path)
    console = Console(record=True, width=200)
    show(report, console)
    written = "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file()) + console.export_text()

    assert TOKEN not in written
    assert "sk-provider-key" not in written
    assert "$GATEWAY_TOKEN" in written

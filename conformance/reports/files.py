"""The reports that are files: `report.json` and `junit.xml`."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from conformance.reports.junit import to_junit
from conformance.reports.report import Report


def to_json(report: Report) -> str:
    """report.json, indented, keys in the order of the format."""
    return json.dumps(msgspec.to_builtins(report), indent=1, ensure_ascii=False) + "\n"


def write(report: Report, folder: Path) -> None:
    """Write every file report into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(to_json(report), encoding="utf-8")
    (folder / "junit.xml").write_bytes(to_junit(report))

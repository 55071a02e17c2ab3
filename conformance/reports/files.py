"""The reports that are files, and the summary page of a CI job."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from conformance.reports.badge import to_badge
from conformance.reports.ctrf import to_ctrf
from conformance.reports.html import to_html
from conformance.reports.junit import to_junit
from conformance.reports.markdown import to_markdown
from conformance.reports.report import Report

SUMMARY = "GITHUB_STEP_SUMMARY"
_WRITERS: dict[str, Callable[[Report], bytes]] = {
    "junit.xml": to_junit,
    "report.ctrf.json": lambda report: to_ctrf(report).encode(),
    "report.html": lambda report: to_html(report).encode(),
    "report.md": lambda report: to_markdown(report).encode(),
    "badge.svg": lambda report: to_badge(report).encode(),
}


def to_json(report: Report) -> str:
    """report.json, indented, keys in the order of the format."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1).decode() + "\n"


def write(report: Report, folder: Path) -> None:
    """Write every file report into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(to_json(report), encoding="utf-8")
    for name, writer in _WRITERS.items():
        (folder / name).write_bytes(writer(report))


def summarise(report: Report, environment: Mapping[str, str] = os.environ) -> None:
    """Adds the Markdown report to the summary page of the CI job that this is, if it is one."""
    if path := environment.get(SUMMARY):
        with Path(path).open("a", encoding="utf-8") as page:
            page.write(to_markdown(report))

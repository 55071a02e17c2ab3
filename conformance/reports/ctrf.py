"""CTRF, the Common Test Report Format: JSON that dashboards and CI plugins read, a test for each requirement."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from conformance.reports.baseline import entry_line
from conformance.reports.entries import RequirementReport
from conformance.reports.plain import visible
from conformance.reports.report import Report
from conformance.reports.verdicts import Verdict

_STATUSES = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.ERROR: "failed",
    Verdict.WARN: "other",
    Verdict.UNSTEADY: "other",
    Verdict.BLOCKED: "skipped",
    Verdict.NOT_VERIFIED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
}
_MOST_TEXT = 4000
_FINDINGS_SHOWN = 5


def to_ctrf(report: Report) -> str:
    """The report in CTRF 1.0.0. What belongs to no field of the format is under `extra`."""
    start = _milliseconds(report.started)
    document = {
        "reportFormat": "CTRF",
        "specVersion": "1.0.0",
        "timestamp": report.started or None,
        "generatedBy": "audio-conformance",
        "results": {
            "tool": {"name": "audio-conformance", "version": report.suite.version},
            "summary": _summary(report, start),
            "tests": [*(_test(entry, report) for entry in report.requirements), *_out_of_date(report)],
            "environment": {"appName": visible(str(report.target.get("base_url", "")))},
            "extra": {
                "contract": report.contract,
                "verdict": report.verdict.value,
                "headline": report.headline,
                "exitStatus": report.exit_status.value,
                "causes": _causes(report),
            },
        },
    }
    return json.dumps({key: value for key, value in document.items() if value is not None}, ensure_ascii=False) + "\n"


def _summary(report: Report, start: int) -> dict[str, int]:
    statuses = [_status(entry, report) for entry in report.requirements]
    statuses += ["failed" for _ in _out_of_date(report)]
    counted = {status: statuses.count(status) for status in ("passed", "failed", "skipped", "pending", "other")}
    stop = start + round(report.duration_s * 1000)
    return {"tests": len(statuses), **counted, "start": start, "stop": stop}


def _status(entry: RequirementReport, report: Report) -> str:
    """What is known fails nobody's pipeline; what is unsteady does where the run was a strict one."""
    if entry.id in report.known:
        return "other"
    return "failed" if report.strict and entry.verdict is Verdict.UNSTEADY else _STATUSES[entry.verdict]


def _out_of_date(report: Report) -> Iterator[dict[str, Any]]:
    """A test for each entry of the baseline that fails by itself."""
    for advice, entry in report.baseline.out_of_date if report.baseline else ():
        text = visible(f"{advice}: {entry_line(entry)}")
        yield {
            "name": f"baseline: {visible(entry.requirements[0])}",
            "status": "failed",
            "duration": 0,
            "suite": ["baseline"],
            "message": text[:_MOST_TEXT],
        }


def _test(entry: RequirementReport, report: Report) -> dict[str, Any]:
    test: dict[str, Any] = {
        "name": entry.id,
        "status": _status(entry, report),
        "rawStatus": entry.verdict.value,
        "duration": round(entry.duration_s * 1000),
        "suite": [entry.section or "requirements"],
        "tags": [entry.level.value],
        "extra": {"statement": entry.statement, "link": entry.link},
    }
    if entry.verdict is not Verdict.PASS:
        test["message"] = visible(entry.reason)[:_MOST_TEXT]
        test["extra"]["causes"] = list(dict.fromkeys(each.cause for each in entry.findings if each.cause))
    if known := report.known.get(entry.id):
        test["extra"]["known"] = visible(known.excuse)
    if entry.findings:
        test["trace"] = _trace(entry)
    return test


def _trace(entry: RequirementReport) -> str:
    lines = []
    for finding in entry.findings[:_FINDINGS_SHOWN]:
        lines += [finding.message, f"expected: {finding.expected}", f"got: {finding.got}", finding.rerun, ""]
    return visible("\n".join(lines))[:_MOST_TEXT]


def _causes(report: Report) -> list[dict[str, Any]]:
    return [{"id": each.id, "title": visible(each.title), "findings": each.findings} for each in report.causes]


def _milliseconds(started: str) -> int:
    try:
        return round(datetime.fromisoformat(started).timestamp() * 1000)
    except ValueError:
        return 0

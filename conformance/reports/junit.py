"""JUnit XML: a test case for each requirement, with real `failure`, `error` and `skipped` children."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree import ElementTree as ET

from conformance.reports.entries import RequirementReport
from conformance.reports.plain import visible
from conformance.reports.report import Report
from conformance.reports.verdicts import Verdict

_MOST_TEXT = 20_000


def to_junit(report: Report) -> bytes:
    """The report as one `testsuite`. A warning passes, with its findings as output; what is undecided is skipped."""
    counts = report.counts
    suite = ET.Element(
        "testsuite",
        name="audio-conformance",
        timestamp=report.started,
        time=f"{report.duration_s:.3f}",
        tests=str(len(report.requirements)),
        failures=str(counts[Verdict.FAIL]),
        errors=str(counts[Verdict.ERROR]),
        skipped=str(sum(counts[verdict] for verdict in _SKIPPED)),
    )
    for entry in report.requirements:
        suite.append(_case(entry))
    root = ET.Element("testsuites")
    root.append(suite)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _case(entry: RequirementReport) -> ET.Element:
    area, _, name = entry.id.partition(".")
    case = ET.Element("testcase", classname=area, name=name or area, time=f"{entry.duration_s:.3f}")
    properties = ET.SubElement(case, "properties")
    for key, value in (
        ("requirement", entry.id),
        ("level", entry.level),
        ("section", entry.section),
        ("link", entry.link),
        ("verdict", entry.verdict),
        *(("cause", name) for name in dict.fromkeys(each.cause for each in entry.findings if each.cause)),
    ):
        ET.SubElement(properties, "property", name=key, value=_clean(value))
    child = _CHILDREN.get(entry.verdict)
    if child:
        case.append(child(entry))
    return case


def _failure(entry: RequirementReport) -> ET.Element:
    return _element("failure", entry)


def _error(entry: RequirementReport) -> ET.Element:
    return _element("error", entry)


def _skip(entry: RequirementReport) -> ET.Element:
    return ET.Element("skipped", message=_clean(f"{entry.verdict}: {entry.reason}"))


def _output(entry: RequirementReport) -> ET.Element:
    element = ET.Element("system-out")
    element.text = _clean(_text(entry))
    return element


def _element(tag: str, entry: RequirementReport) -> ET.Element:
    element = ET.Element(tag, message=_clean(entry.reason), type=entry.level)
    element.text = _clean(_text(entry))
    return element


def _text(entry: RequirementReport) -> str:
    lines = [f"{entry.level} {entry.statement}", entry.link]
    for finding in entry.findings:
        lines += [
            finding.message,
            f"expected: {finding.expected}",
            f"got: {finding.got}",
            *(f"provider: {text}" for text in finding.provider_side),
            *(f"script: {text}" for text in finding.scripts_in_json),
            finding.curl,
            finding.rerun,
            "",
        ]
    return "\n".join(lines)


def _clean(text: str) -> str:
    """Without what XML 1.0 cannot hold, and not without end."""
    shown = visible(text)
    return shown if len(shown) <= _MOST_TEXT else f"{shown[:_MOST_TEXT]}…"


_SKIPPED = (Verdict.NOT_VERIFIED, Verdict.NOT_APPLICABLE, Verdict.BLOCKED)
_CHILDREN: dict[Verdict, Callable[[RequirementReport], ET.Element]] = {
    Verdict.FAIL: _failure,
    Verdict.ERROR: _error,
    Verdict.WARN: _output,
    Verdict.UNSTEADY: _output,
    **dict.fromkeys(_SKIPPED, _skip),
}

"""JUnit XML: a test case for each requirement, with real `failure`, `error` and `skipped` children."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.etree import ElementTree as ET

from conformance.reports.baseline import Entry, entry_line
from conformance.reports.entries import RequirementReport
from conformance.reports.plain import visible
from conformance.reports.report import Report
from conformance.reports.verdicts import Verdict

_MOST_TEXT = 20_000


def to_junit(report: Report) -> bytes:
    """The report as one `testsuite`.

    A warning passes, with its findings as output; what is undecided is skipped, and so is what a baseline excuses. An entry
    of a baseline that is out of date is a case that fails.
    """
    cases = [_case(entry, report) for entry in report.requirements]
    cases += map(_out_of_date, report.baseline.out_of_date if report.baseline else ())
    suite = ET.Element(
        "testsuite",
        name="audio-conformance",
        timestamp=report.started,
        time=f"{report.duration_s:.3f}",
        tests=str(len(cases)),
        failures=_count(cases, "failure"),
        errors=_count(cases, "error"),
        skipped=_count(cases, "skipped"),
    )
    suite.extend(cases)
    root = ET.Element("testsuites")
    root.append(suite)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _count(cases: Iterable[ET.Element], tag: str) -> str:
    return str(sum(case.find(tag) is not None for case in cases))


def _out_of_date(told: tuple[str, Entry]) -> ET.Element:
    advice, entry = told
    case = ET.Element("testcase", classname="baseline", name=_clean(entry.requirements[0]), time="0.000")
    ET.SubElement(case, "failure", message=_clean(advice), type="baseline").text = _clean(entry_line(entry))
    return case


def _case(entry: RequirementReport, report: Report) -> ET.Element:
    known = report.known.get(entry.id)
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
        *((("known", known.excuse),) if known else ()),
    ):
        ET.SubElement(properties, "property", name=key, value=_clean(value))
    if known and entry.verdict is Verdict.FAIL:
        case.append(ET.Element("skipped", message=_clean(known.excuse)))
        case.append(_output(entry))
    elif report.strict and entry.verdict is Verdict.UNSTEADY:
        case.append(_failure(entry))
    elif child := _CHILDREN.get(entry.verdict):
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

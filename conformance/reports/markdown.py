"""Markdown for a CI's summary page: the verdict first, then what to mend, details folded, below 1 MiB whatever was found."""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.reports.baseline import entry_line
from conformance.reports.entries import CauseReport
from conformance.reports.findings import FindingReport
from conformance.reports.grouping import by_reason, some_of
from conformance.reports.plain import one_line, visible
from conformance.reports.report import Report
from conformance.reports.topics import folded
from conformance.reports.verdicts import DECIDED, ExitStatus, Verdict

# GitHub takes a step's summary of 1 MiB; another step may have written some of it.
MOST_BYTES = 900_000
_MARKS = {ExitStatus.CONFORMING: "✅", ExitStatus.VIOLATING: "❌"}
_UNDECIDED = "⚠️"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@-])")
_MOST_TEXT = 1500
_FINDINGS_SHOWN = 2
_IDS_SHOWN = 200


def to_markdown(report: Report) -> str:
    """The report. Causes that no longer fit are counted."""
    parts = ["\n".join(_head(report)) + "\n"]
    size = len(parts[0].encode())
    causes = report.fresh_causes
    for number, cause in enumerate(causes, 1):
        part = "\n".join(_cause(report, number, cause)) + "\n"
        if size + len(part.encode()) > MOST_BYTES:
            parts.append(f"\n… and {len(causes) - number + 1} more causes, in report.json.\n")
            break
        parts.append(part)
        size += len(part.encode())
    return "".join(parts) + "\n".join((*_known(report), *_undecided(report), *_times(report))) + "\n"


def escaped(text: str, limit: int = _MOST_TEXT) -> str:
    """Foreign text on one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", one_line(text, limit))


def code(text: str, limit: int = _MOST_TEXT) -> str:
    """Foreign text as a block that nothing in it can end."""
    shown = visible(text)
    shown = shown if len(shown) <= limit else f"{shown[:limit]}…"
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", shown)), default=0))
    return f"{fence}text\n{shown}\n{fence}"


def _head(report: Report) -> Iterator[str]:
    decided = sum(report.counts.get(verdict, 0) for verdict in DECIDED)
    mark = _MARKS.get(report.exit_status, _UNDECIDED)
    yield f"## {mark} {report.headline}: {escaped(str(report.target.get('base_url', '')))}"
    yield ""
    if report.problem:
        yield f"> {escaped(report.problem)}\n"
    for rest in report.rests:
        yield f"> The gateway rested. {escaped(rest)}.\n"
    for remark in report.remarks:
        yield f"> {escaped(remark)}.\n"
    counts = ", ".join(
        f"{count} {name}" for name, count in report.counts.items() if count and name != Verdict.NOT_APPLICABLE
    )
    yield f"{decided} of {report.applicable} requirements of `{report.contract}` decided: {counts}."
    suite = report.suite
    yield f"Seed {suite.seed}, effort {suite.effort}, suite {suite.version}, {report.duration_s:.1f} s."
    yield ""
    if compared := report.baseline:
        for advice, entry in compared.out_of_date:
            yield f"- The baseline is out of date. {escaped(advice)}: {escaped(entry_line(entry), 600)}"
        for name, ids in (("new", compared.new), ("mended", compared.mended)):
            if ids:
                yield f"- {len(ids)} {name}: {escaped(some_of(ids, _IDS_SHOWN), 8000)}"
        yield ""
    if count := len(report.fresh_causes):
        yield f"### {count} cause{'s, mend these first' if count > 1 else ', mend this'}"


def _cause(report: Report, number: int, cause: CauseReport) -> Iterator[str]:
    ids = folded(cause.requirements)
    yield ""
    yield f"{number}\\. **{escaped(cause.title, 300)}**  "
    yield f"{cause.level}, {len(ids)} requirement(s), {cause.findings} finding(s). {escaped(cause.mend, 600)}"
    yield ""
    yield "<details><summary>Findings</summary>"
    yield ""
    yield escaped(some_of(ids, _IDS_SHOWN), 8000)
    findings = [each for entry in report.requirements for each in entry.findings if each.cause == cause.id]
    for finding in findings[:_FINDINGS_SHOWN]:
        yield from _finding(finding)
    yield ""
    yield "</details>"


def _finding(finding: FindingReport) -> Iterator[str]:
    yield ""
    yield f"- {escaped(finding.message, 300)}"
    yield ""
    lines = (
        ("expected", finding.expected),
        ("got", finding.got),
        *(("script", text) for text in finding.scripts_in_json),
        ("try", finding.curl),
        ("rerun", finding.rerun),
    )
    text = "\n".join(f"{label:>8}  {text[:_MOST_TEXT]}" for label, text in lines if text)
    yield code(text, 4 * _MOST_TEXT)


def _known(report: Report) -> Iterator[str]:
    """What the baseline excuses, folded: each requirement with until when, whose and why."""
    if not report.known:
        return
    yield ""
    yield f"<details><summary>known: {len(report.known)}</summary>"
    yield ""
    for each in list(report.known.values())[:_IDS_SHOWN]:
        yield f"- {escaped(each.requirement)} {escaped(each.excuse, 400)}"
    if len(report.known) > _IDS_SHOWN:
        yield f"- … and {len(report.known) - _IDS_SHOWN} more, in report.json"
    yield ""
    yield "</details>"


def _times(report: Report) -> Iterator[str]:
    if not report.measurements:
        return
    yield ""
    yield "<details><summary>Times, in ms: median of a few requests by themselves</summary>"
    yield ""
    yield "| operation | size | first byte | last byte | provider | over the provider |"
    yield "|---|---|---|---|---|---|"
    for each in report.measurements:
        figures = (each.first_byte, each.last_byte, each.provider, each.overhead)
        cells = (
            each.operation,
            f"{each.size}, {each.bytes} bytes",
            *(f"{one.median:g}" if one else "" for one in figures),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""
    yield "</details>"


def _undecided(report: Report) -> Iterator[str]:
    for verdict in (Verdict.ERROR, Verdict.UNSTEADY, Verdict.BLOCKED, Verdict.NOT_VERIFIED):
        groups = by_reason((entry.id, entry.reason) for entry in report.with_verdict(verdict))
        if groups:
            yield ""
            yield f"<details><summary>{verdict}: {sum(len(group.requirements) for group in groups)}</summary>"
            yield ""
            for group in groups[:100]:
                yield f"- {escaped(group.reason, 400)} ({escaped(some_of(group.requirements, 5))})"
            yield ""
            yield "</details>"

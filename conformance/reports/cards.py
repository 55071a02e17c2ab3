"""What the console says of one requirement or one cause: a card each, with all that it takes to see it again."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from conformance.contracts.requirements import Level
from conformance.reports.baseline import Compared, entry_line
from conformance.reports.entries import CauseReport, RequirementReport
from conformance.reports.findings import FindingReport
from conformance.reports.grouping import some_of
from conformance.reports.plain import visible
from conformance.reports.topics import folded

_FINDINGS_SHOWN = 2
_SCRIPTS_SHOWN = 2
_BODY_LINES = 12
_LINE_LENGTH = 600
_IDS_SHOWN = 3
_NAMED = 20
_KEPT = "  The baseline holds: nothing new, nothing out of date."
_NOT_KEPT = "  The baseline does not hold."
_COLOURS = {Level.MUST: "red", Level.SHOULD: "yellow"}


def requirement_card(entry: RequirementReport, colour: str) -> Iterator[Text]:
    """Id, level, statement and clause, then the first findings."""
    yield Text.assemble("\n", (entry.id, f"bold {colour}"), f"  {entry.level}  ", (entry.section, "dim"))
    yield Text(f"  {entry.statement}", style="italic")
    yield Text(f"  {entry.link}", style="dim")
    if not entry.findings:
        yield Text(f"  {visible(entry.reason)}")
    for finding in entry.findings[:_FINDINGS_SHOWN]:
        yield from finding_lines(finding)
    hidden = len(entry.findings) - _FINDINGS_SHOWN
    if hidden > 0:
        yield Text(f"  … and {hidden} more, in report.json", style="dim")


def cause_line(number: int, cause: CauseReport) -> Iterator[Text]:
    """A cause in two lines: what happens, and what hangs on it."""
    yield Text.assemble("\n", (f"{number:>3}  ", "bold"), (visible(cause.title), f"bold {_COLOURS[cause.level]}"))
    count = len(folded(cause.requirements))
    numbers = f"{count} requirement{_s(count)}, {cause.findings} finding{_s(cause.findings)}"
    yield Text.assemble(f"     {cause.level}  {numbers}  ", (some_of(folded(cause.requirements), _IDS_SHOWN), "dim"))


def cause_card(number: int, cause: CauseReport, finding: FindingReport | None) -> Iterator[Text]:
    """A cause with what to mend and one of its findings."""
    yield from cause_line(number, cause)
    yield Text.assemble(("     mend  ", "dim"), visible(cause.mend))
    if finding is not None:
        yield from finding_lines(finding)


def finding_lines(finding: FindingReport) -> Iterator[Text]:
    """What is wrong, what was expected and came, and the lines that show it again."""
    yield Text(f"  {_shortened(finding.message)}")
    more = len(finding.script) - _SCRIPTS_SHOWN
    lines = [
        ("expected", finding.expected),
        ("got", finding.got),
        *(("provider", text) for text in finding.provider_side),
        *(("script", text) for text in finding.scripts_in_json[:_SCRIPTS_SHOWN]),
        ("", f"… and {more} more scripts, in report.json" if more > 0 else ""),
        ("try", finding.curl),
        ("rerun", finding.rerun),
    ]
    for label, text in lines:
        if text:
            yield Text.assemble(
                (f"  {label:>10}  ", "dim"), _shortened(text, cut=label in {"expected", "got", "provider"})
            )


def baseline_lines(compared: Compared) -> Iterator[Text]:
    """How a run stands beside a baseline: what is new, what was mended, what has to be changed in it."""
    yield Text("\nBeside the baseline", style="bold")
    known = tuple(each.requirement for each in compared.known)
    for name, ids in (("known", known), ("new", compared.new), ("mended", compared.mended)):
        if ids:
            style = "bold red" if name == "new" else ""
            yield Text.assemble((f"  {name}: {len(ids)}  ", style), (some_of(ids, _NAMED), "dim"))
    for advice, entry in compared.out_of_date:
        yield Text.assemble(("  ", ""), (f"{advice}: ", "bold red"), visible(entry_line(entry)))
    yield Text(_KEPT if compared.holds else _NOT_KEPT, style="bold")


def _shortened(text: str, *, cut: bool = True) -> str:
    """The first lines of a text, none too long; a line to copy is never cut."""
    lines = visible(text).splitlines() or [""]
    shown = [f"{line[:_LINE_LENGTH]}…" if cut and len(line) > _LINE_LENGTH else line for line in lines[:_BODY_LINES]]
    return "\n".join(shown) + ("\n…" if len(lines) > _BODY_LINES else "")


def _s(count: int) -> str:
    return "" if count == 1 else "s"

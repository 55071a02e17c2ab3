"""What a person sees: progress while the run goes on, then the failures, the warnings, what was not decided, the verdict."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.coverage import Summary
from conformance.reports.findings import FindingReport
from conformance.reports.grouping import by_reason, some_of
from conformance.reports.ledger import CheckFinished, Event, RunStarted
from conformance.reports.report import Report, RequirementReport
from conformance.reports.verdicts import DECIDED, Outcome, RunVerdict, Verdict

_FINDINGS_SHOWN = 2
_BODY_LINES = 12
_IDS_SHOWN = 3
_STYLES = {RunVerdict.CONFORMING: "bold green", RunVerdict.VIOLATING: "bold red", RunVerdict.UNDECIDED: "bold yellow"}


class ProgressDisplay:
    """A bar over the planned requirements, fed by the ledger; silent where the output is no terminal."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("judging")
        self._seen: set[str] = set()
        self._failed = 0

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._progress.update(self._task, total=len(event.planned))
            self._progress.start()
        elif isinstance(event, CheckFinished):
            self._seen.add(event.requirement)
            self._failed += event.outcome == Outcome.FAIL
            failed = f", [red]{self._failed} failed[/]" if self._failed else ""
            self._progress.update(self._task, completed=len(self._seen), description=f"judging{failed}")

    def stop(self) -> None:
        self._progress.stop()


def show(report: Report, console: Console) -> None:
    """Print the whole report: violations first, the verdict last, where the eye ends up.

    Lines are never broken, so that a curl line can be copied from a log.
    """
    for line in _lines(report):
        console.print(line, soft_wrap=True)


def _lines(report: Report) -> Iterator[Text]:
    for rest in report.rests:
        yield Text(f"The gateway rested. {rest}.", style="bold yellow")
    yield from _cards("Violated", report.with_verdict(Verdict.FAIL), "red")
    yield from _cards("Warnings", report.with_verdict(Verdict.WARN), "yellow")
    yield from _cards("Errors of the suite itself", report.with_verdict(Verdict.ERROR), "magenta")
    yield from _reasons(
        "Unsteady: failed among other checks, held when tried alone", report.with_verdict(Verdict.UNSTEADY)
    )
    yield from _reasons("Blocked", report.with_verdict(Verdict.BLOCKED))
    yield from _reasons("Not verified", report.with_verdict(Verdict.NOT_VERIFIED))
    yield from _verdict(report)


def _cards(title: str, entries: tuple[RequirementReport, ...], colour: str) -> Iterator[Text]:
    if entries:
        yield Text(f"\n{title}", style="bold")
    for entry in entries:
        yield Text.assemble("\n", (entry.id, f"bold {colour}"), f"  {entry.level}  ", (entry.section, "dim"))
        yield Text(f"  {entry.statement}", style="italic")
        yield Text(f"  {entry.link}", style="dim")
        yield from _body(entry)


def _body(entry: RequirementReport) -> Iterator[Text]:
    if not entry.findings:
        yield Text(f"  {entry.reason}")
    for finding in entry.findings[:_FINDINGS_SHOWN]:
        yield from _finding(finding)
    hidden = len(entry.findings) - _FINDINGS_SHOWN
    if hidden > 0:
        yield Text(f"  … and {hidden} more, in report.json", style="dim")


def _finding(finding: FindingReport) -> Iterator[Text]:
    yield Text(f"  {finding.message}")
    lines = {"expected": finding.expected, "got": finding.got, "try": finding.curl, "rerun": finding.rerun}
    for label, text in lines.items():
        if text:
            yield Text.assemble((f"  {label:>10}  ", "dim"), _shortened(text))


def _shortened(text: str) -> str:
    lines = text.splitlines() or [""]
    return "\n".join(lines[:_BODY_LINES]) + ("\n…" if len(lines) > _BODY_LINES else "")


def _reasons(title: str, entries: tuple[RequirementReport, ...]) -> Iterator[Text]:
    groups = by_reason((entry.id, entry.reason) for entry in entries)
    if groups:
        yield Text(f"\n{title}", style="bold")
    for group in groups:
        yield Text.assemble(f"  {group.reason}  ", (some_of(group.requirements, _IDS_SHOWN), "dim"))


def _verdict(report: Report) -> Iterator[Text]:
    if report.problem:
        yield Text(f"\n{report.problem}", style="bold")
    yield Text.assemble("\n", (report.verdict, _STYLES[report.verdict]), f"  {_counts(report)}")
    if foreign := report.counts[Verdict.NOT_APPLICABLE]:
        yield Text(f"{foreign} requirements of other contracts are not applicable", style="dim")
    if report.schema_coverage:
        yield Text(f"openapi.yaml  {_coverage(report.schema_coverage)}", style="dim")
    suite, url = report.suite, report.target.get("base_url", "")
    yield Text(f"{url}  seed {suite.seed}, effort {suite.effort}, {report.duration_s:.1f} s", style="dim")


def _counts(report: Report) -> str:
    """How many of the contract's requirements were decided, and how."""
    counts = {name: count for name, count in report.counts.items() if count and name != Verdict.NOT_APPLICABLE}
    decided = sum(count for name, count in counts.items() if name in DECIDED)
    named = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{decided} of {report.applicable} requirements decided: {named}"


def _coverage(summary: Summary) -> str:
    """How much of the schema was exercised; report.json lists what was not."""
    counts = ", ".join(f"{kind} {count.reached}/{count.known}" for kind, count in summary.counts.items())
    return f"{counts}, undocumented: {', '.join(summary.undocumented)}" if summary.undocumented else counts

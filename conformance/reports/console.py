"""What a person sees: progress while the run goes on, then what to mend, what was not decided, the verdict."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from conformance.coverage import Summary
from conformance.reports.cards import baseline_lines, cause_card, cause_line, requirement_card
from conformance.reports.entries import RequirementReport
from conformance.reports.grouping import by_reason, some_of
from conformance.reports.ledger import CheckFinished, Event, RunStarted
from conformance.reports.plain import one_line, visible
from conformance.reports.report import Report
from conformance.reports.verdicts import DECIDED, ExitStatus, Outcome, Verdict

_IDS_SHOWN = 3
_CAUSES_SHOWN = 20
_LINE_LENGTH = 600
# So many violations are shown one by one; of more, the first causes with a finding each.
_FEW = 5
_OPEN = 3
_STYLES = {ExitStatus.CONFORMING: "bold green", ExitStatus.VIOLATING: "bold red"}


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


class Detail(IntEnum):
    """How much is printed: the verdict and the names of the causes, what a person needs next, or every violation."""

    QUIET = 0
    NORMAL = 1
    ALL = 2


def show(report: Report, console: Console, detail: Detail = Detail.NORMAL) -> None:
    """Print the report: what to mend first in front, the verdict last, where the eye ends up.

    Lines are never broken, so that a curl line can be copied from a log.
    """
    for line in _lines(report, detail):
        console.print(line, soft_wrap=True)


def _lines(report: Report, detail: Detail) -> Iterator[Text]:
    for rest in report.rests:
        yield Text(f"The gateway rested. {one_line(rest, _LINE_LENGTH)}.", style="bold yellow")
    for remark in report.remarks:
        yield Text(f"{one_line(remark, _LINE_LENGTH)}.", style="bold yellow")
    yield from _causes(report, detail)
    if detail is not Detail.QUIET:
        if detail is Detail.ALL or _violations(report) <= _FEW:
            yield from _cards("Violated", _fresh(report, Verdict.FAIL), "red")
            yield from _cards("Warnings", _fresh(report, Verdict.WARN), "yellow")
        yield from _cards("Errors of the suite itself", report.with_verdict(Verdict.ERROR), "magenta")
        yield from _reasons(
            "Unsteady: failed among other checks, held when tried alone", report.with_verdict(Verdict.UNSTEADY)
        )
        yield from _reasons("Blocked", report.with_verdict(Verdict.BLOCKED))
        yield from _reasons("Not verified", report.with_verdict(Verdict.NOT_VERIFIED))
    if report.baseline:
        yield from baseline_lines(report.baseline)
    yield from _verdict(report)


def _violations(report: Report) -> int:
    return len(_fresh(report, Verdict.FAIL, Verdict.WARN))


def _fresh(report: Report, *verdicts: Verdict) -> tuple[RequirementReport, ...]:
    """The requirements with one of these verdicts that are not known."""
    known = report.known
    return tuple(entry for entry in report.with_verdict(*verdicts) if entry.id not in known)


def _causes(report: Report, detail: Detail) -> Iterator[Text]:
    """What to mend first, a line a cause; where the requirements themselves are not shown, a card for the first few.

    What is known comes last, by number.
    """
    causes = report.fresh_causes
    count = len(causes)
    if causes:
        yield Text(f"\n{count} cause{'s, mend these first' if count > 1 else ', mend this'}", style="bold")
    cards = _OPEN if detail is Detail.NORMAL and _violations(report) > _FEW else 0
    most = count if detail is Detail.ALL else _CAUSES_SHOWN
    for number, cause in enumerate(causes[:most], 1):
        if number <= cards:
            yield from cause_card(number, cause, report.finding_of(cause))
        else:
            yield from cause_line(number, cause)
    if count > most:
        yield Text(f"\n     … and {count - most} more; --verbose shows all", style="dim")
    if known := report.known_causes:
        beside = " beside these" if causes else ""
        yield Text(f"\n{len(known)} known cause{'s' if len(known) > 1 else ''}{beside}", style="dim")
        if detail is Detail.ALL:
            for number, cause in enumerate(known, count + 1):
                yield from cause_line(number, cause)


def _cards(title: str, entries: tuple[RequirementReport, ...], colour: str) -> Iterator[Text]:
    if entries:
        yield Text(f"\n{title}", style="bold")
    for entry in entries:
        yield from requirement_card(entry, colour)


def _reasons(title: str, entries: tuple[RequirementReport, ...]) -> Iterator[Text]:
    groups = by_reason((entry.id, entry.reason) for entry in entries)
    if groups:
        yield Text(f"\n{title}", style="bold")
    for group in groups:
        yield Text.assemble(f"  {visible(group.reason)}  ", (some_of(group.requirements, _IDS_SHOWN), "dim"))


def _verdict(report: Report) -> Iterator[Text]:
    if report.problem:
        yield Text(f"\n{visible(report.problem)}", style="bold")
    style = _STYLES.get(report.exit_status, "bold yellow")
    yield Text.assemble("\n", (report.headline, style), f"  {_counts(report)}")
    if foreign := report.counts[Verdict.NOT_APPLICABLE]:
        yield Text(f"{foreign} requirements of other contracts are not applicable", style="dim")
    if report.schema_coverage:
        yield Text(f"openapi.yaml  exercised, no verdict: {_coverage(report.schema_coverage)}", style="dim")
    if times := _times(report):
        yield Text(f"times  {times}", style="dim")
    suite, url = report.suite, report.target.get("base_url", "")
    yield Text(f"{url}  seed {suite.seed}, effort {suite.effort}, {report.duration_s:.1f} s", style="dim")


def _counts(report: Report) -> str:
    """How many of the contract's requirements were decided, and how."""
    counts = {name: count for name, count in report.counts.items() if count and name != Verdict.NOT_APPLICABLE}
    decided = sum(count for name, count in counts.items() if name in DECIDED)
    named = ", ".join(f"{count} {name}" for name, count in counts.items())
    if known := report.known:
        named += f" ({len(known)} of them known)"
    return f"{decided} of {report.applicable} requirements decided: {named}"


def _times(report: Report) -> str:
    """How quick small requests are by themselves, and what of it is the gateway's own; the other reports have it all."""
    told = (
        f"{each.operation} {each.last_byte.median:g} ms"
        + (f", {each.overhead.median:g} of them over the provider" if each.overhead else "")
        for each in report.measurements
        if each.size == "small"
    )
    return "; ".join(told)


def _coverage(summary: Summary) -> str:
    """How much of the schema was exercised; report.json lists what was not."""
    counts = ", ".join(f"{kind} {count.reached}/{count.known}" for kind, count in summary.counts.items())
    return f"{counts}, undocumented: {', '.join(summary.undocumented)}" if summary.undocumented else counts

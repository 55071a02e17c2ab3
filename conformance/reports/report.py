"""The report of a run as a value: what ``report.json`` holds, folded from the ledger's events and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from conformance.contracts.requirements import Level, Requirement
from conformance.reports.ledger import CheckFinished, Event, LeftUndecided, RunFinished, RunStarted, SchemaCovered
from conformance.reports.verdicts import ExitStatus, Outcome, RunVerdict, Verdict, exit_status, of_requirement, of_run

FORMAT = 1


class RequirementReport(msgspec.Struct, frozen=True):
    """One requirement's verdict with its reason and findings.

    `link` leads to the clause of the contract (reports of older suites have none), `checks` counts the checks that ran.
    """

    id: str
    level: Level
    section: str
    statement: str
    verdict: Verdict
    link: str = ""
    reason: str = ""
    checks: int = 0
    findings: tuple[dict[str, Any], ...] = ()


class Report(msgspec.Struct, frozen=True):
    format: int
    suite: dict[str, Any]
    target: dict[str, Any]
    started: str
    duration_s: float
    verdict: RunVerdict
    counts: dict[str, int]
    requirements: tuple[RequirementReport, ...]
    problem: str = ""
    schema_coverage: dict[str, Any] = {}

    def with_verdict(self, *verdicts: Verdict) -> tuple[RequirementReport, ...]:
        return tuple(entry for entry in self.requirements if entry.verdict in verdicts)

    @property
    def exit_status(self) -> ExitStatus:
        status = exit_status(self.counts)
        broken = self.problem and status is not ExitStatus.VIOLATING
        return ExitStatus.UNREACHABLE if broken else status


def fold(events: Iterable[Event]) -> Report:
    """The report of a whole ledger. Raises ValueError where the ledger does not begin with the start of a run."""
    events = tuple(events)
    if not events or not isinstance(events[0], RunStarted):
        raise ValueError("a ledger begins with the start of a run")
    start = events[0]
    end = next(
        (event for event in reversed(events) if isinstance(event, RunFinished)),
        RunFinished(0.0, "the run did not finish"),
    )
    entries = tuple(_entry(requirement, events) for requirement in start.requirements)
    counts = Counter(entry.verdict.value for entry in entries)
    return Report(
        FORMAT,
        start.suite,
        start.target,
        start.started,
        end.duration_s,
        _verdict(entries, end.problem),
        {verdict.value: counts.get(verdict.value, 0) for verdict in Verdict},
        entries,
        end.problem,
        next((event.summary for event in events if isinstance(event, SchemaCovered)), {}),
    )


def _verdict(entries: Iterable[RequirementReport], problem: str) -> RunVerdict:
    """A run that came to grief has shown nobody to be conforming, though what it saw violated stays so."""
    verdict = of_run(entry.verdict for entry in entries)
    return RunVerdict.UNDECIDED if problem and verdict is RunVerdict.CONFORMING else verdict


def _entry(requirement: Requirement, events: tuple[Event, ...]) -> RequirementReport:
    facts = (requirement.id, requirement.level, requirement.section, requirement.statement)
    left = next(
        (event for event in events if isinstance(event, LeftUndecided) and event.requirement == requirement.id), None
    )
    if left:
        return RequirementReport(*facts, Verdict(left.verdict), requirement.link, left.reason)
    checks = [event for event in events if isinstance(event, CheckFinished) and event.requirement == requirement.id]
    verdict = of_requirement(requirement.level, (Outcome(event.outcome) for event in checks))
    told = _violations(checks) if verdict in {Verdict.FAIL, Verdict.WARN} else checks
    return RequirementReport(*facts, verdict, requirement.link, _reason(told), len(checks), _findings(told))


def _violations(checks: list[CheckFinished]) -> list[CheckFinished]:
    """Beside what was violated, what could not be decided in some other form is noise."""
    return [event for event in checks if event.outcome == Outcome.FAIL]


def _reason(checks: list[CheckFinished]) -> str:
    if not checks:
        return "no check of it ran: a fault of the suite"
    reasons = dict.fromkeys(event.reason for event in checks if event.reason)
    return "; ".join(list(reasons)[:3])


def _findings(checks: list[CheckFinished]) -> tuple[dict[str, Any], ...]:
    return tuple(finding for event in checks for finding in event.findings)

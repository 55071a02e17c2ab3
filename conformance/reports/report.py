"""The report of a run as a value: what `report.json` holds, folded from the ledger's events and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, Final, Literal

import msgspec

from conformance.contracts.requirements import Requirement
from conformance.coverage import Summary
from conformance.reports.baseline import Compared, KnownViolation, compare
from conformance.reports.causes import with_causes
from conformance.reports.entries import CauseReport, RequirementReport
from conformance.reports.findings import AudioReport, FindingReport
from conformance.reports.latency import LatencyReport
from conformance.reports.ledger import (
    AudioKept,
    BaselineGiven,
    CheckFinished,
    Event,
    GatewayRested,
    LatencyMeasured,
    LeftUndecided,
    Measured,
    Remarked,
    RunFinished,
    RunStarted,
    SchemaCovered,
    StrictnessGiven,
    SuiteReport,
)
from conformance.reports.measurements import MeasurementReport
from conformance.reports.verdicts import ExitStatus, Outcome, RunVerdict, Verdict, exit_status, of_requirement, of_run

FORMAT: Final = 2


class Report(msgspec.Struct, frozen=True):
    """A run: who judged which target by which contract, and what came of it. `target` is redacted.

    `verdict` is the gateway's under the contract, whatever is known of it; `exit_status` heeds `baseline` and `strict`.
    """

    format: Literal[2]
    contract: str
    causes: tuple[CauseReport, ...]
    suite: SuiteReport
    target: dict[str, Any]
    started: str
    duration_s: float
    verdict: RunVerdict
    counts: dict[str, int]
    requirements: tuple[RequirementReport, ...]
    problem: str = ""
    rests: tuple[str, ...] = ()
    schema_coverage: Summary | None = None
    audio: tuple[AudioReport, ...] = ()
    latency: tuple[LatencyReport, ...] = ()
    baseline: Compared | None = None
    strict: bool = False
    exit_status: ExitStatus = ExitStatus.CONFORMING
    remarks: tuple[str, ...] = ()
    measurements: tuple[MeasurementReport, ...] = ()

    def with_verdict(self, *verdicts: Verdict) -> tuple[RequirementReport, ...]:
        """The requirements that have one of these verdicts, in the order of the catalogue."""
        return tuple(entry for entry in self.requirements if entry.verdict in verdicts)

    def finding_of(self, cause: CauseReport) -> FindingReport | None:
        """The first finding of a cause, in the order of the catalogue."""
        return next((each for entry in self.requirements for each in entry.findings if each.cause == cause.id), None)

    @property
    def applicable(self) -> int:
        """How many requirements the contract asks for: those that are not applicable are no part of the total."""
        return len(self.requirements) - len(self.with_verdict(Verdict.NOT_APPLICABLE))

    @property
    def known(self) -> dict[str, KnownViolation]:
        """What the baseline excuses, by requirement."""
        return {each.requirement: each for each in self.baseline.known} if self.baseline else {}

    @property
    def known_causes(self) -> tuple[CauseReport, ...]:
        """The causes whose requirements are all excused."""
        known = self.known.keys()
        return tuple(cause for cause in self.causes if known >= set(cause.requirements))

    @property
    def fresh_causes(self) -> tuple[CauseReport, ...]:
        """The causes that are left to mend now."""
        known = {cause.id for cause in self.known_causes}
        return tuple(cause for cause in self.causes if cause.id not in known)

    @property
    def headline(self) -> str:
        """The verdict as a person reads it, with what makes the exit status another than it."""
        if self.verdict is RunVerdict.VIOLATING and self.exit_status is not ExitStatus.VIOLATING:
            return f"{self.verdict}, as known"
        if self.verdict is RunVerdict.VIOLATING or self.exit_status is not ExitStatus.VIOLATING:
            return self.verdict.value
        stale = self.baseline is not None and not self.baseline.holds
        return f"{self.verdict}, but {'the baseline is out of date' if stale else 'unsteady'}"


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `report.json`."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Report)}


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
    told: defaultdict[str, list[LeftUndecided | CheckFinished]] = defaultdict(list)
    for event in events:
        if isinstance(event, LeftUndecided | CheckFinished):
            told[event.requirement].append(event)
    causes, entries = with_causes([_entry(requirement, told[requirement.id]) for requirement in start.requirements])
    found = Counter(entry.verdict.value for entry in entries)
    counts = {verdict.value: found.get(verdict.value, 0) for verdict in Verdict}
    given = next((event for event in events if isinstance(event, BaselineGiven)), None)
    compared = compare(entries, given.baseline, given.today) if given else None
    strict = any(isinstance(event, StrictnessGiven) for event in events)
    return Report(
        FORMAT,
        start.contract,
        causes,
        start.suite,
        start.target,
        start.started,
        end.duration_s,
        _verdict(entries, end.problem),
        counts,
        entries,
        end.problem,
        tuple(_rests([event for event in events if isinstance(event, GatewayRested)])),
        next((event.summary for event in events if isinstance(event, SchemaCovered)), None),
        tuple(event.audio for event in events if isinstance(event, AudioKept)),
        next((event.operations for event in events if isinstance(event, LatencyMeasured)), ()),
        compared,
        strict,
        _exit_status(counts, compared, broken=bool(end.problem), strict=strict),
        tuple(event.text for event in events if isinstance(event, Remarked)),
        next((event.operations for event in events if isinstance(event, Measured)), ()),
    )


def _exit_status(counts: dict[str, int], compared: Compared | None, *, broken: bool, strict: bool) -> ExitStatus:
    """What the command ends with: a failure that is known is none, a baseline that is out of date is one."""
    if (compared and not compared.holds) or (strict and counts[Verdict.UNSTEADY]):
        return ExitStatus.VIOLATING
    excused = counts[Verdict.FAIL] if compared else 0
    return exit_status(counts, excused=excused, broken=broken)


def _rests(events: Iterable[GatewayRested]) -> Iterator[str]:
    """A sentence for each operation that rested: the first time, and how often and how long in all."""
    by_operation: defaultdict[str, list[GatewayRested]] = defaultdict(list)
    for event in events:
        by_operation[event.operation].append(event)
    for alike in by_operation.values():
        seconds = sorted(event.duration_s for event in alike)
        times = f"; so {len(alike)} times in all, for {seconds[0]:.0f} to {seconds[-1]:.0f} s" if len(alike) > 1 else ""
        yield f"{alike[0].pattern}{times}"


def _verdict(entries: Iterable[RequirementReport], problem: str) -> RunVerdict:
    """The verdict of a run: one with a problem is never conforming, though what it found violated stays so."""
    verdict = of_run(entry.verdict for entry in entries)
    return RunVerdict.UNDECIDED if problem and verdict is RunVerdict.CONFORMING else verdict


def _entry(requirement: Requirement, told: Iterable[LeftUndecided | CheckFinished]) -> RequirementReport:
    facts = (requirement.id, requirement.level, requirement.section, requirement.statement)
    left = next((event for event in told if isinstance(event, LeftUndecided)), None)
    if left:
        return RequirementReport(*facts, Verdict(left.verdict), requirement.link, left.reason)
    checks = [event for event in told if isinstance(event, CheckFinished)]
    verdict = of_requirement(requirement.level, (Outcome(event.outcome) for event in checks))
    shown = _violations(checks) if verdict in {Verdict.FAIL, Verdict.WARN} else checks
    return RequirementReport(
        *facts,
        verdict,
        requirement.link,
        _reason(shown),
        len(checks),
        _findings(shown),
        round(sum(event.duration_s for event in checks), 4),
    )


def _violations(checks: list[CheckFinished]) -> list[CheckFinished]:
    """The checks that found a violation: beside them, what could not be decided in another encoding is noise."""
    return [event for event in checks if event.outcome == Outcome.FAIL]


def _reason(checks: list[CheckFinished]) -> str:
    if not checks:
        return "no check of it ran: a fault of the suite"
    reasons = dict.fromkeys(event.reason for event in checks if event.reason)
    return "; ".join(list(reasons)[:3])


def _findings(checks: list[CheckFinished]) -> tuple[FindingReport, ...]:
    return tuple(finding for event in checks for finding in event.findings)

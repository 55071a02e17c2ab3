"""What the page shows, as values: causes with their findings, requirements by section, what is undecided, times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from conformance.reports.baseline import Entry, KnownViolation, entry_line
from conformance.reports.entries import CauseReport, RequirementReport
from conformance.reports.findings import AudioReport
from conformance.reports.grouping import Group, by_reason
from conformance.reports.html.evidence import Bodies, FindingView, finding_view
from conformance.reports.html.plots import Plot, plot_of
from conformance.reports.report import Report
from conformance.reports.topics import folded
from conformance.reports.verdicts import ExitStatus, Verdict

# Findings that are shown whole; of more, the first of every cause come first, and the others are named.
_WHOLE = 400
_WHOLE_OF_CAUSE = 40
_STATES = {ExitStatus.CONFORMING: "good", ExitStatus.VIOLATING: "bad"}
_ORDER = (
    Verdict.FAIL,
    Verdict.WARN,
    Verdict.ERROR,
    Verdict.UNSTEADY,
    Verdict.BLOCKED,
    Verdict.NOT_VERIFIED,
    Verdict.PASS,
    Verdict.NOT_APPLICABLE,
)


@dataclass(frozen=True, slots=True)
class Share:
    """How many requirements have a verdict, and where their part of the bar begins, both in percent of it."""

    verdict: Verdict
    count: int
    begin: float
    width: float


@dataclass(frozen=True, slots=True)
class CauseView:
    """A cause with its findings, those beyond the limits left out and counted."""

    cause: CauseReport
    folded: int
    findings: tuple[FindingView, ...]
    left_out: int
    sections: tuple[str, ...]
    known: tuple[KnownViolation, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether a baseline excuses all of it."""
        return len(self.known) == len(self.cause.requirements)


@dataclass(frozen=True, slots=True)
class SectionView:
    """The requirements below one heading of the contract."""

    title: str
    entries: tuple[RequirementReport, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the template needs."""

    report: Report
    shares: tuple[Share, ...]
    causes: tuple[CauseView, ...]
    sections: tuple[SectionView, ...]
    undecided: tuple[tuple[Verdict, tuple[Group, ...]], ...]
    latency: tuple[Plot, ...]
    firsts: dict[str, str] = field(default_factory=dict)
    known: dict[str, KnownViolation] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Whether all is well, as the exit status tells it: `good`, `bad` or `unknown`."""
        return _STATES.get(self.report.exit_status, "unknown")

    @staticmethod
    def entry_line(entry: Entry) -> str:
        """An entry of the baseline on one line."""
        return entry_line(entry)


def page_of(report: Report) -> Page:
    """The page of a report."""
    causes = _causes(report)
    return Page(
        report,
        _shares(report),
        causes,
        tuple(_section(title, entries) for title, entries in _by_section(report.requirements).items()),
        tuple(_undecided(report)),
        tuple(map(plot_of, report.latency)),
        _firsts(causes),
        report.known,
    )


def _shares(report: Report) -> tuple[Share, ...]:
    """The bar of verdicts, without what is not applicable."""
    counted = [(verdict, report.counts.get(verdict, 0)) for verdict in _ORDER if verdict is not Verdict.NOT_APPLICABLE]
    whole = sum(count for _, count in counted) or 1
    shares, begin = [], 0.0
    for verdict, count in counted:
        if count:
            width = 100 * count / whole
            shares.append(Share(verdict, count, round(begin, 3), round(width, 3)))
            begin += width
    return tuple(shares)


def _causes(report: Report) -> tuple[CauseView, ...]:
    audio = {each.sha256: each for each in report.audio}
    found: defaultdict[str, list[tuple[RequirementReport, int]]] = defaultdict(list)
    for entry in report.requirements:
        for number, finding in enumerate(entry.findings):
            found[finding.cause].append((entry, number))
    shown, known = _shown(report.causes, found), report.known
    bodies = Bodies()
    views = (_cause(cause, found[cause.id], shown[cause.id], audio, bodies) for cause in report.causes)
    return tuple(replace(view, known=_known(view.cause, known)) for view in views)


def _known(cause: CauseReport, known: dict[str, KnownViolation]) -> tuple[KnownViolation, ...]:
    return tuple(known[name] for name in cause.requirements if name in known)


def _shown(causes: Sequence[CauseReport], found: dict[str, list[tuple[RequirementReport, int]]]) -> dict[str, int]:
    """How many findings of each cause are shown whole: what is left over is for the causes with more than their share."""
    share = max(1, _WHOLE // max(1, len(causes)))
    first = {cause.id: min(len(found[cause.id]), share) for cause in causes}
    left = _WHOLE - sum(first.values())
    for cause in causes:
        more = max(0, min(left, min(len(found[cause.id]), _WHOLE_OF_CAUSE) - first[cause.id]))
        first[cause.id] += more
        left -= more
    return first


def _cause(
    cause: CauseReport,
    found: Sequence[tuple[RequirementReport, int]],
    most: int,
    audio: dict[str, AudioReport],
    bodies: Bodies,
) -> CauseView:
    views = tuple(finding_view(entry, number, audio, bodies) for entry, number in found[:most])
    sections = tuple(dict.fromkeys(entry.section for entry, _ in found))
    return CauseView(cause, len(folded(cause.requirements)), views, len(found) - len(views), sections)


def _by_section(entries: Iterable[RequirementReport]) -> dict[str, list[RequirementReport]]:
    sections: defaultdict[str, list[RequirementReport]] = defaultdict(list)
    for entry in entries:
        if entry.verdict is not Verdict.NOT_APPLICABLE:
            sections[entry.section].append(entry)
    return sections


def _section(title: str, entries: Sequence[RequirementReport]) -> SectionView:
    counts = {verdict.value: sum(entry.verdict is verdict for entry in entries) for verdict in _ORDER}
    return SectionView(title, tuple(entries), {name: count for name, count in counts.items() if count})


def _undecided(report: Report) -> Iterable[tuple[Verdict, tuple[Group, ...]]]:
    for verdict in (Verdict.ERROR, Verdict.UNSTEADY, Verdict.BLOCKED, Verdict.NOT_VERIFIED):
        entries = report.with_verdict(verdict)
        groups = by_reason((entry.id, entry.reason) for entry in entries)
        if groups:
            yield verdict, tuple(sorted(groups, key=lambda group: -len(group.requirements)))


def _firsts(causes: Iterable[CauseView]) -> dict[str, str]:
    """The anchor of the first finding of each requirement."""
    firsts: dict[str, str] = {}
    for view in causes:
        for finding in view.findings:
            firsts.setdefault(finding.entry.id, finding.anchor)
    return firsts

"""One finding in its place in the report, with the symptom that it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.reports.entries import RequirementReport
from conformance.reports.families import Family, family_of
from conformance.reports.findings import FindingReport
from conformance.reports.symptoms import Symptom, symptom_of
from conformance.reports.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding in its place, with what it shows."""

    order: int
    entry: RequirementReport
    finding: FindingReport
    symptom: Symptom

    @property
    def family(self) -> Family | None:
        return family_of(self.symptom, self.finding)


def shown_of(entries: Iterable[RequirementReport]) -> Iterator[Shown]:
    """The findings of what is violated: what is undecided or unsteady accuses nobody, so it has no cause."""
    order = 0
    for entry in entries:
        for finding in entry.findings:
            if entry.verdict in {Verdict.FAIL, Verdict.WARN}:
                yield Shown(order, entry, finding, symptom_of(entry.id, finding))
            order += 1

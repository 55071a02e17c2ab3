"""What report.json says of one requirement and of one cause, as values."""

from __future__ import annotations

import msgspec

from conformance.contracts.requirements import Level
from conformance.reports.findings import FindingReport
from conformance.reports.verdicts import Verdict


class RequirementReport(msgspec.Struct, frozen=True):
    """One requirement's verdict with its reason and findings.

    `link` leads to the clause of the contract, `checks` counts the checks that ran, `duration_s` adds their times up.
    """

    id: str
    level: Level
    section: str
    statement: str
    verdict: Verdict
    link: str
    reason: str = ""
    checks: int = 0
    findings: tuple[FindingReport, ...] = ()
    duration_s: float = 0.0


class CauseReport(msgspec.Struct, frozen=True):
    """What several findings have in common, and how to mend it. `requirements` are ids, `findings` is their number.

    `level` is MUST where any of them is one. `operations` are those in which it was seen, `circumstances` the
    first of them.
    """

    id: str
    title: str
    requirements: tuple[str, ...]
    findings: int
    mend: str
    level: Level = Level.MUST
    operations: tuple[str, ...] = ()
    circumstances: tuple[str, ...] = ()

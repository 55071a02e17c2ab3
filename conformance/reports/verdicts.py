"""Verdicts, and how they are folded: checks into a requirement's, requirements into a run's.

Pure: what a check found goes in, a verdict comes out. Levels are those of the rulings: a violated MUST makes the gateway
non-conforming, a violated SHOULD is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum

from conformance.contracts.requirements import Level


class Outcome(StrEnum):
    """What one check came to."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    UNSTEADY = "unsteady"
    NOT_VERIFIED = "not-verified"
    BLOCKED = "blocked"
    ERROR = "error"


class Verdict(StrEnum):
    """What a run decided of one requirement."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    WARN = "warn"
    UNSTEADY = "unsteady"
    NOT_VERIFIED = "not-verified"
    NOT_APPLICABLE = "not-applicable"
    BLOCKED = "blocked"
    ERROR = "error"


class RunVerdict(StrEnum):
    CONFORMING = "conforming"
    VIOLATING = "violating"
    UNDECIDED = "undecided"


class ExitStatus(IntEnum):
    CONFORMING = 0
    VIOLATING = 1
    USAGE = 2
    UNREACHABLE = 3
    UNDECIDED = 4


DECIDED = frozenset({Verdict.PASS, Verdict.FAIL, Verdict.WARN, Verdict.UNSTEADY})

# A requirement is as good as the worst of its checks: one that could not be verified is never hidden by one that passed.
_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.ERROR,
    Outcome.BLOCKED,
    Outcome.NOT_VERIFIED,
    Outcome.UNSTEADY,
    Outcome.PASS,
)


def of_requirement(level: Level, outcomes: Iterable[Outcome]) -> Verdict:
    """Fold the outcomes of a requirement's checks. No outcome at all is the harness's fault, never a pass."""
    found = set(outcomes)
    worst = next((outcome for outcome in _WORST_FIRST if outcome in found), Outcome.ERROR)
    if worst is Outcome.FAIL and level is Level.SHOULD:
        return Verdict.WARN
    return Verdict(worst.value)


def of_run(verdicts: Iterable[Verdict]) -> RunVerdict:
    """A suite that erred has not shown that a gateway conforms."""
    found = set(verdicts)
    if Verdict.FAIL in found:
        return RunVerdict.VIOLATING
    return RunVerdict.CONFORMING if found & DECIDED and Verdict.ERROR not in found else RunVerdict.UNDECIDED


def exit_status(counts: Mapping[str, int], *, excused: int = 0, broken: bool = False) -> ExitStatus:
    """The first that holds: a MUST fails that nothing excuses, the harness erred, nothing was decided, conforming.

    `excused` failures are known. A run that is `broken` did not judge all that it planned.
    """
    if counts.get(Verdict.FAIL, 0) > excused:
        return ExitStatus.VIOLATING
    if broken or counts.get(Verdict.ERROR, 0):
        return ExitStatus.UNREACHABLE
    decided = sum(counts.get(verdict, 0) for verdict in DECIDED)
    return ExitStatus.CONFORMING if decided else ExitStatus.UNDECIDED

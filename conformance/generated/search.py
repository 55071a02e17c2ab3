"""The search for a failing case: Hypothesis draws and shrinks, within bounds of time that a slow gateway cannot break.

Checks run in worker threads, side by side. Hypothesis is safe there as long as every setting is given to it explicitly,
because its profiles hold for one thread only, and as long as `hypothesis_threads.prepare`
was called before: a run does that once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis import strategies as st

from conformance.drive.case import Case
from conformance.errors import Explained, Violated
from conformance.generated.hypothesis_threads import share_random
from conformance.http.exchange import Finding

Value = TypeVar("Value", bound=Hashable)
Drawn = TypeVar("Drawn")
Probe = Callable[[Case, Value], Iterable[Finding | None]]

_MOST_EXPLAINED = 3
LEAST_CASES = 5
"""So many cases are tried however slow the gateway is."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Seconds that one search may take: `drawing` new cases, and `shrinking` after the first that failed."""

    drawing: float = 30.0
    shrinking: float = 10.0


class _EnoughError(BaseException):
    """Ends a search. Hypothesis would go on to draw and shrink for minutes, and takes any `Exception` for a failure."""


@dataclass
class _Trial(Generic[Value]):
    """Tries values and remembers.

    A value that failed stays failed: it is not sent again, so a gateway that fails now and then does not confuse the search.
    """

    case: Case
    probe: Probe[Value]
    bounds: Bounds
    tried: int = 0
    held: int = 0
    explained: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    failed: dict[Value, tuple[Finding, ...]] = field(default_factory=dict)
    stopped: Exception | None = None
    until: float = 0.0

    def __call__(self, value: Value) -> None:
        findings = self._findings(value)
        if findings:
            raise Violated(*findings)

    def _findings(self, value: Value) -> tuple[Finding, ...]:
        if value in self.failed:
            return self.failed[value]
        if self.stopped or self._late():
            raise _EnoughError
        try:
            example = self.case.example()
            found = tuple(example.evidenced(each) for each in self.probe(example, value) if each is not None)
        except Exception as error:
            self.stopped = error
            raise _EnoughError from error
        self.tried += 1
        self.held += not found
        for finding in found:
            if finding.plainer:
                self.explained.setdefault(finding.plainer, finding)
        own = tuple(finding for finding in found if not finding.plainer)
        if own:
            self._note(value, own)
        return own

    def _late(self) -> bool:
        return time.monotonic() > self.until and (bool(self.failed) or self.tried >= LEAST_CASES)

    def _note(self, value: Value, found: tuple[Finding, ...]) -> None:
        if not self.failed:
            self.until = time.monotonic() + self.bounds.shrinking
        self.failed[value] = found


def search(
    case: Case,
    strategy: st.SearchStrategy[Value],
    probe: Probe[Value],
    *,
    share: float = 1.0,
    bounds: Bounds | None = None,
) -> None:
    """Probe values drawn from `strategy`, each with an example case of its own, until one leads to a finding.

    Tries `case.examples * share` values; the same seed and requirement give the same values. What plainer requirements
    explain is no failure of the check's own: the search goes on, and tells it at the end.

    Raises Violated with the findings of the simplest value that failed, and with what is explained; Explained where there
    is nothing else; else whatever stopped the search (Blocked, NotVerified, harness errors).
    """
    trial = _Trial(case, probe, bounds or Bounds())
    trial.until = time.monotonic() + trial.bounds.drawing
    count = max(1, round(case.examples * share))
    violation = _violation(_bound(case, strategy, trial, count), trial)
    explained = list(trial.explained.values())[:_MOST_EXPLAINED]
    if violation is not None:
        raise Violated(*violation.findings, *explained)
    if explained:
        raise Explained(*explained, held=trial.held > 0)
    if trial.stopped is not None:
        raise trial.stopped


def draw(strategy: st.SearchStrategy[Drawn], count: int, *, seed: str) -> list[Drawn]:
    """Draw `count` values (fewer where there are not so many), without trying them."""
    drawn: list[Drawn] = []

    def keep(value: Drawn) -> None:
        drawn.append(value)

    share_random()
    run = _settings(count, Phase.generate)(hypothesis.given(strategy)(keep))
    hypothesis.seed(_number(seed))(run)()
    return drawn[:count]


def _bound(case: Case, strategy: st.SearchStrategy[Value], trial: _Trial[Value], count: int) -> Callable[[], None]:
    def attempt(value: Value) -> None:
        trial(value)

    # The requirement's id makes it another seed for every requirement, so that checks do not all try the same values.
    run: Callable[[], None] = _settings(count, Phase.generate, Phase.shrink)(hypothesis.given(strategy)(attempt))
    return hypothesis.seed(_number(f"{case.seed}/{case.requirement.id}"))(run)


def _violation(run: Callable[[], None], trial: _Trial[Value]) -> Violated | None:
    share_random()
    try:
        run()
    except _EnoughError:
        # A failing value is only tried after another where it is simpler, so the last one is the simplest.
        return Violated(*list(trial.failed.values())[-1]) if trial.failed else None
    except Violated as violated:
        # A fresh one: Hypothesis has hung notes about its own reproduction on it, which a reader cannot follow here.
        return Violated(*violated.findings)
    return None


def _settings(count: int, *phases: Phase) -> hypothesis.settings:
    return hypothesis.settings(
        max_examples=count,
        phases=phases,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )


def _number(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])

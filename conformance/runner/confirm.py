"""No accusation that does not stand alone: what failed among others is tried again by itself.

Each try comes after a plain valid request of the same operation was served. What fails again is a violation; what holds
three times is `unsteady`. What is about crowds or sequences by its nature brings its own crowd, so it is repeated as such.
Contract: docs/contract/rulings.md#introduction-stands-alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conformance.errors import Blocked
from conformance.reports.verdicts import Outcome
from conformance.runner.canary import Canaries
from conformance.runner.outcomes import Result

TRIES = 3
_BESIDE_SHOWN = 5
_RESTS = "the gateway rests, and the run has waited for such rests as long as it does in all"


def needs_confirmation(result: Result) -> bool:
    """Whether a check that ran among others has to be tried by itself: it accuses, or something was in its way."""
    return result.outcome in {Outcome.FAIL, Outcome.BLOCKED}


def confirmed(
    first: Result, attempt: Callable[[], Result], canaries: Canaries, routes: Sequence[str], *, lasting: bool = False
) -> Result:
    """What the check comes to by itself. `attempt` runs it anew; `routes` are the operations that it asks.

    A check that was blocked is tried once, and its failure confirmed like any other. What a gateway that fails a `lasting`
    check does not recover from within every wait is confirmed by that: a plain valid request is refused, too; what was
    blocked then stays so. Where the gateway is gone, nothing can show otherwise: what was decided before stays decided.
    """
    try:
        return _tried(first, attempt, canaries, routes, lasting=lasting)
    except Blocked:
        return first


def repeated(first: Result, attempt: Callable[[], Result], canaries: Canaries, routes: Sequence[str]) -> Result:
    """What a check that held once comes to when it is tried as often as one that failed: for one that is run by itself.

    Only so does a rerun see what the run's own confirmation saw. Where the gateway is gone, the first result stands.
    """
    try:
        for _ in range(TRIES - 1):
            result = _alone(attempt, canaries, routes)
            if result.outcome is Outcome.FAIL:
                return result
    except Blocked:
        return first
    return first


def _tried(
    first: Result, attempt: Callable[[], Result], canaries: Canaries, routes: Sequence[str], *, lasting: bool
) -> Result:
    """What the tries come to. Raises Blocked where the gateway is gone."""
    if lasting and not all(canaries.serves(route) for route in routes):
        return first
    if first.outcome is Outcome.BLOCKED:
        first = _alone(attempt, canaries, routes)
        if first.outcome is not Outcome.FAIL:
            return first
    undecided: list[Result] = []
    for _ in range(TRIES):
        result = _alone(attempt, canaries, routes)
        if result.outcome is Outcome.FAIL:
            return result
        if result.outcome is not Outcome.PASS:
            undecided.append(result)
    if undecided:
        reason = f"it failed among others, and alone it could not be decided: {undecided[-1].reason}"
        return replace(undecided[-1], reason=reason)
    return replace(first, outcome=Outcome.UNSTEADY, reason=_unsteady(first))


def _alone(attempt: Callable[[], Result], canaries: Canaries, routes: Sequence[str]) -> Result:
    for route in routes:
        if not canaries.serves(route) and canaries.may_still_rest(route):
            return Result(Outcome.BLOCKED, 0.0, _RESTS)
    return attempt()


def _unsteady(first: Result) -> str:
    beside = ", ".join(map(_short, first.beside[:_BESIDE_SHOWN])) or "nothing"
    more = f" and {len(first.beside) - _BESIDE_SHOWN} more" if len(first.beside) > _BESIDE_SHOWN else ""
    return f"{first.reason} (once; alone it held {TRIES} times; beside it ran {beside}{more})"


def _short(node_id: str) -> str:
    """A check's name as findings give it: module and test."""
    return node_id.rsplit("/", 1)[-1].replace(".py::", "::")

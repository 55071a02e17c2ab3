"""How a check ended, as a value: what it raised becomes an outcome with its findings."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from conformance.errors import Blocked, Explained, NotVerified, Violated
from conformance.http.exchange import Exchange, Finding
from conformance.reports.verdicts import Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """What one check came to; `trouble` is the exception where the harness itself failed.

    `beside` names the checks that were running when it ended. `otherwise` is what it comes to where every finding is held
    against a plainer requirement.
    """

    outcome: Outcome
    duration_s: float
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    trouble: BaseException | None = None
    beside: tuple[str, ...] = ()
    otherwise: Outcome = Outcome.PASS


def run_check(check: Callable[[], Any]) -> Result:
    """Call a check and turn what it raises into a result. Nothing but an interrupt escapes."""
    started = time.monotonic()
    try:
        check()
    except Exception as error:  # noqa: BLE001 - whatever a check raises is its result
        return _result_of(error, time.monotonic() - started)
    return Result(Outcome.PASS, time.monotonic() - started)


def _result_of(error: BaseException, duration_s: float) -> Result:
    match error:
        case Explained():
            otherwise = Outcome.PASS if error.held else Outcome.BLOCKED
            return Result(Outcome.FAIL, duration_s, str(error), error.findings, otherwise=otherwise)
        case Violated():
            return Result(Outcome.FAIL, duration_s, str(error), error.findings)
        case Blocked():
            return Result(Outcome.BLOCKED, duration_s, error.reason, exchanges=error.exchanges)
        case NotVerified():
            return Result(Outcome.NOT_VERIFIED, duration_s, error.reason, exchanges=error.exchanges)
        case BaseExceptionGroup():
            return _result_of(_worst_of(error), duration_s)
        case _:
            return Result(Outcome.ERROR, duration_s, f"{type(error).__name__}: {error}", trouble=error)


def _worst_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Of the failures that Hypothesis reports as a group: a violation before anything else."""
    return next((error for error in group.exceptions if isinstance(error, Violated)), group.exceptions[0])

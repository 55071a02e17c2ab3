"""Runs checks side by side while pytest walks through them one by one.

pytest stays the runner: it collects, selects and reports. The schedule starts every check of the pool as soon as a worker is
free, and pytest's turn for an item is merely to wait for its result. Checks marked ``exclusive`` (they watch the whole
journal, spend a limited token, stop the gateway) run alone, in pytest's own turn, after the pool is empty.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from conformance.exchange import Exchange, Finding
from conformance.outcomes import Blocked, NotVerified, Violated
from conformance.verdicts import Outcome


@dataclass(frozen=True, slots=True)
class Result:
    """What one check came to; ``trouble`` is the exception where the harness itself failed."""

    outcome: Outcome
    duration_s: float
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    trouble: BaseException | None = None


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


class Schedule:
    """The pool of one run. ``workers`` checks run at a time, and as many of those that do little but wait."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="check")
        self._waiting = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="waiting-check")
        self._futures: dict[str, Future[Result]] = {}

    def start(self, checks: Iterable[tuple[str, Callable[[], Any]]], *, waiting: bool = False) -> None:
        """Queue the pool's checks, by node id, in the order in which they should start.

        Those that do little but ``waiting`` take no worker away from the others.
        """
        pool = self._waiting if waiting else self._pool
        for node_id, check in checks:
            self._futures[node_id] = pool.submit(run_check, check)

    def result(self, node_id: str, check: Callable[[], Any]) -> Result:
        """The result of a queued check, or of one that runs alone, now."""
        # Taken away: what a check saw may be large, and a run has thousands of checks.
        future = self._futures.pop(node_id, None)
        return future.result() if future else run_check(check)

    def stop(self) -> None:
        for pool in (self._waiting, self._pool):
            pool.shutdown(wait=True, cancel_futures=True)

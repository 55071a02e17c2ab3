"""Runs checks side by side while pytest walks through them one by one.

pytest stays the runner: it collects, selects and reports. The schedule starts every check of the pool as soon as a worker is
free, and all that pytest does at an item is to wait for its result. Checks marked `exclusive` (they watch the whole
journal, spend a limited token, stop the gateway) run alone, one at a time, after the pool is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from conformance.reports.verdicts import Outcome
from conformance.runner.outcomes import Result, run_check


class Schedule:
    """The pool of one run. `workers` checks run at a time, and twice as many of those that do little but wait."""

    def __init__(self, workers: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="check")
        self._waiting = ThreadPoolExecutor(max_workers=2 * workers, thread_name_prefix="waiting-check")
        self._futures: dict[str, Future[Result]] = {}
        self._running: set[str] = set()

    def start(self, checks: Iterable[tuple[str, Callable[[], Any]]], *, waiting: bool = False) -> None:
        """Queue the pool's checks, by node id, in the order in which they should start.

        Those that do little but `waiting` take no worker away from the others.
        """
        pool = self._waiting if waiting else self._pool
        for node_id, check in checks:
            self._futures[node_id] = pool.submit(self._run, node_id, check)

    def result(self, node_id: str, check: Callable[[], Any]) -> Result:
        """The result of a queued check, or of one that runs alone, now."""
        # Taken away: the exchanges of a check may be large, and a run has thousands of checks.
        future = self._futures.pop(node_id, None)
        return future.result() if future else self._run(node_id, check)

    def _run(self, node_id: str, check: Callable[[], Any]) -> Result:
        """Run a check, and note which others were running when it ended."""
        self._running.add(node_id)
        try:
            result = run_check(check)
        finally:
            self._running.discard(node_id)
        return replace(result, beside=tuple(sorted(self._running))) if result.outcome is Outcome.FAIL else result

    def stop(self) -> None:
        for pool in (self._waiting, self._pool):
            pool.shutdown(wait=True, cancel_futures=True)

"""Limits on what a run sends: the rate that a target declares, the gateway's concurrency limit, and a budget for waiting.

Safe to use from several threads: one of each belongs to one client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

_RETRY_AFTER_CAP_S = 20.0
_LONGEST_QUEUE_S = 5.0


class RateLimit:
    """Spaces requests over all threads: at most `rate` a second (None: any number), and none while postponed."""

    def __init__(self, rate: float | None) -> None:
        self._interval = 1.0 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            due = max(self._next, now)
            if self._interval:
                self._next = due + self._interval
        time.sleep(due - now)

    def postpone(self, seconds: float) -> float:
        """Let no request out for so many seconds. Returns by how many seconds that delays the next request."""
        with self._lock:
            until = time.monotonic() + seconds
            added = max(0.0, until - max(self._next, time.monotonic()))
            self._next = max(self._next, until)
            return added


class WaitBudget:
    """Bounds how long a run waits for the gateway's own rate limit: `in_all_s` in all, and 20 s at a time."""

    def __init__(self, in_all_s: float = 180.0) -> None:
        self._left_s = in_all_s
        self._lock = threading.Lock()

    def allows(self, seconds: float) -> bool:
        return seconds <= min(self._left_s, _RETRY_AFTER_CAP_S)

    def spend(self, seconds: float) -> None:
        with self._lock:
            self._left_s -= seconds


class ConcurrencyLimit:
    """How many requests may be in flight: any number, until the gateway refuses one for their number."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._most = 0
        self._allowed: int | None = None
        self._is_unbounded = False
        self._freed = threading.Condition()
        self._mine = threading.local()

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold one of the slots; where none comes free, a request goes out after five seconds all the same.

        A request that a check holds at its provider may wait for the next one, which must not wait for it.
        """
        with self._freed:
            self._freed.wait_for(lambda: self._allowed is None or self._in_flight < self._allowed, _LONGEST_QUEUE_S)
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)
            self._mine.beside = self._in_flight - 1
        try:
            yield
        finally:
            with self._freed:
                self._in_flight -= 1
                self._freed.notify()

    def lower(self) -> bool:
        """Lower the limit by one, because this thread's last request was refused.

        False where that request was refused though it was alone: then their number is not the reason, and the limit is
        lifted for good.
        """
        with self._freed:
            if self._is_unbounded:
                return False
            if self._allowed == 1 and not self._mine.beside:
                self._allowed, self._is_unbounded = None, True
                self._freed.notify_all()
                return False
            self._allowed = max(1, (self._allowed or self._most) - 1)
            return True


def retry_after_s(value: str | None, now: Callable[[], float] = time.time) -> float:
    """Seconds that a Retry-After asks for (a number or an HTTP date); 1 where it is absent or unreadable."""
    if not value:
        return 1.0
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now())
    except (TypeError, ValueError):
        return 1.0

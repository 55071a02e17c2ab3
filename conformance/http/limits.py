"""What holds requests back: the rate that a target declares, the gateway's own limits, and a budget for waiting.

Safe to use from several threads: one of each belongs to one client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

_RETRY_AFTER_CAP_S = 20.0
_LONGEST_IN_LINE_S = 5.0


class RateLimit:
    """When the next request may go out, over all threads: at most ``rate`` a second (None: any), and not while postponed."""

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
        """Hold everything back for so long. Returns by how much that puts the next request off."""
        with self._lock:
            until = time.monotonic() + seconds
            added = max(0.0, until - max(self._next, time.monotonic()))
            self._next = max(self._next, until)
            return added


class WaitBudget:
    """How long a run may wait for the gateway's own rate limit: so many seconds at a time, so many in all."""

    def __init__(self, in_all_s: float = 180.0) -> None:
        self._left_s = in_all_s
        self._lock = threading.Lock()

    def allows(self, seconds: float) -> bool:
        return seconds <= min(self._left_s, _RETRY_AFTER_CAP_S)

    def spend(self, seconds: float) -> None:
        with self._lock:
            self._left_s -= seconds


class ConcurrencyLimit:
    """How many requests may be in flight: any number, until the gateway says that there are too many."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._most = 0
        self._allowed: int | None = None
        self._is_unbounded = False
        self._freed = threading.Condition()
        self._mine = threading.local()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be one of them once there is room, or after a while: one that is held on purpose may wait for the next."""
        with self._freed:
            self._freed.wait_for(lambda: self._allowed is None or self._in_flight < self._allowed, _LONGEST_IN_LINE_S)
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)
            self._mine.beside = self._in_flight - 1
        try:
            yield
        finally:
            with self._freed:
                self._in_flight -= 1
                self._freed.notify()

    def narrow(self) -> bool:
        """Allow one less from now on, because this thread's last request was refused.

        False where it was refused though it was alone: their number is not what the gateway minds, and is free again.
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

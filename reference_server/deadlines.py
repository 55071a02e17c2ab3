"""Time limits of many requests at once, for one timer of the event loop.

All that began under one limit ends in the order in which it began, so that only the first has to be waited for. A timer
for each, as `asyncio.timeout` sets one, costs more than most of what a request does.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Protocol


class Pending(Protocol):
    """What is waited for."""

    due: float
    """When its time is over, by the clock of the event loop."""

    def expire(self) -> None:
        """Its time is over."""


class Deadlines:
    """Lets whatever is begun expire `seconds` later, unless it was ended before."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pending: dict[Pending, None] = {}
        self._waiting_in: asyncio.AbstractEventLoop | None = None

    def begin(self, pending: Pending) -> None:
        """Sets when it is due, and waits for that."""
        loop = asyncio.get_running_loop()
        pending.due = loop.time() + self._seconds
        if self._waiting_in is not loop:
            self._pending.clear()  # what an earlier loop has left behind
            self._waiting_in = loop
            loop.call_later(self._seconds, self._expire)
        self._pending[pending] = None

    def end(self, pending: Pending) -> None:
        """Waits for it no longer."""
        self._pending.pop(pending, None)

    def _expire(self) -> None:
        """Expires what is due, and waits for the next."""
        loop = asyncio.get_running_loop()
        while self._pending:
            first = next(iter(self._pending))
            if first.due > loop.time():
                loop.call_at(first.due, self._expire)
                return
            del self._pending[first]
            first.expire()
        self._waiting_in = None


class TimeLimit:
    """Ends with TimeoutError what takes longer than `seconds`, as `asyncio.timeout` does: `with limit.applied(): ...`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._deadlines = Deadlines(seconds)

    def applied(self) -> Bounded:
        """A context for what the running task awaits within it."""
        return Bounded(self._deadlines)


class Bounded:
    """What one task does under a limit."""

    __slots__ = ("_cancelling", "_deadlines", "_is_expired", "_task", "due")

    def __init__(self, deadlines: Deadlines) -> None:
        self.due = 0.0
        self._deadlines = deadlines
        self._is_expired = False

    def __enter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._deadlines.begin(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._deadlines.end(self)
        # Whoever else cancelled the task meanwhile means it to end: that goes on.
        if self._is_expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Cancels what is awaited."""
        self._is_expired = True
        self._task.cancel()

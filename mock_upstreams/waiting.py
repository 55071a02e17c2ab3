"""Waits for a condition, so that clients of the control API neither poll nor sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Signal:
    """Notifies waiters after every change. Belongs to one event loop. A change that nobody waits for costs nothing."""

    def __init__(self) -> None:
        self._waiters: set[asyncio.Event] = set()

    def notify(self) -> None:
        """Wakes all waiters, to check again."""
        for waiter in self._waiters:
            waiter.set()

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Returns as soon as `holds()`, or after `seconds` all the same: the caller checks for itself."""
        changed = asyncio.Event()
        self._waiters.add(changed)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while not holds():
                        changed.clear()
                        await changed.wait()
        finally:
            self._waiters.discard(changed)

"""Waits for a condition, so that clients of the control API neither poll nor sleep."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress


class Signal:
    """Notifies waiters after every change. Belongs to one event loop."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wakes all waiters, to check again."""
        self._event.set()
        self._event = asyncio.Event()

    async def wait_until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Returns as soon as `holds()`, or after `seconds` all the same: the caller checks for itself."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._event.wait()

"""Waiting for a state to come true, so that nobody who asks the mock has to poll or to sleep."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Changes"]


class Changes:
    """A bell that is rung after every change. Belongs to one event loop."""

    def __init__(self) -> None:
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """Wake whoever waits, to look again."""
        self._bell.set()
        self._bell = asyncio.Event()

    async def until(self, holds: Callable[[], bool], seconds: float) -> None:
        """Return as soon as ``holds()``, or after so many ``seconds`` all the same: the caller looks for itself."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not holds():
                    await self._bell.wait()

"""Lets only so much work be done at a time in this process, by what each piece of it costs."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class WorkLimit:
    """Work of a summed cost of at most `capacity` at a time; what costs more than that is done alone. First come, first.

    Used within one event loop.
    """

    def __init__(self, capacity: float) -> None:
        self._capacity = capacity
        self._used = 0.0
        self._waiting: deque[tuple[float, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def taking(self, cost: float) -> AsyncIterator[None]:
        """A context within which work of this cost is done. Waits before it until there is room."""
        await self._enter(cost)
        try:
            yield
        finally:
            self._leave(cost)

    async def _enter(self, cost: float) -> None:
        if not self._waiting and self._has_room(cost):
            self._used += cost
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((cost, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # the turn had come in the same moment
                self._leave(cost)
            raise

    def _has_room(self, cost: float) -> bool:
        return self._used == 0 or self._used + cost <= self._capacity

    def _leave(self, cost: float) -> None:
        self._used = max(0.0, self._used - cost)
        while self._waiting and (self._waiting[0][1].done() or self._has_room(self._waiting[0][0])):
            waiting_cost, turn = self._waiting.popleft()
            if not turn.done():
                self._used += waiting_cost
                turn.set_result(None)

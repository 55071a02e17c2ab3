"""Watches, while a call is answered, for its client to disconnect."""

from __future__ import annotations

import asyncio

from mock_upstreams.channel import Channel

_AT_ONCE_S = 0.02  # most calls are answered by then, and cost no watching


class Watch:
    """Cancels the task that makes it when the channel's client disconnects. Whoever makes it ends it."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._worker = asyncio.current_task()
        self._gone = False
        self._watching: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(_AT_ONCE_S, self._begin)

    def client_has_gone(self) -> bool:
        """Whether the cancellation that was just caught came from here, and not from whoever awaits the task."""
        return self._gone and self._worker is not None and self._worker.uncancel() == 0

    def end(self) -> None:
        """Watches no more."""
        self._timer.cancel()
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None  # it holds what is answered by its traceback, and would be held by it

    def _begin(self) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._cancel_when_gone())

    async def _cancel_when_gone(self) -> None:
        await self._channel.disconnected()
        if self._worker is not None:
            self._gone = True
            self._worker.cancel()

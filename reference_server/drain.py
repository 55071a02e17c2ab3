"""Whether a worker still takes new requests, and how many are in flight."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Drain:
    """Whether this worker takes new requests, and how many are in flight. `on_idle` runs when the last one is done."""

    def __init__(self) -> None:
        self.draining = False
        self.begun = asyncio.Event()
        self.in_flight = 0
        self.on_idle: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Begins to refuse new requests."""
        self.draining = True
        self.begun.set()
        if self.in_flight == 0:
            self.on_idle()

    def enter(self) -> None:
        self.in_flight += 1

    def leave(self) -> None:
        self.in_flight -= 1
        if self.draining and self.in_flight == 0:
            self.on_idle()

"""Locks between the checks of a run: one that many may share or one may have alone, and whose turn a large body is."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class SharedLock:
    """Held by any number of threads at a time, or exclusively by one.

    Checks that burden the gateway share it, so that one of them can be tried again without the others' burden.
    """

    def __init__(self) -> None:
        self._released = threading.Condition()
        self._sharing = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold it beside others that share it; waits while it is held exclusively."""
        with self._released:
            self._sharing += 1
        try:
            yield
        finally:
            with self._released:
                self._sharing -= 1
                self._released.notify_all()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Hold it alone; waits until nobody shares it."""
        with self._released:
            self._released.wait_for(lambda: self._sharing == 0)
            yield


class LargeBodies:
    """Large bodies are sent in turn, each alone: together they are more than a gateway must hold."""

    def __init__(self) -> None:
        self.turn = threading.Lock()

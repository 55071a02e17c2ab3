"""Who may go at the same time: many side by side, or one alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Checks that burden the gateway take their turn here, so that one of them can be tried again unburdened."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._together = 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """Beside any others that are together, once nobody is alone."""
        with self._free:
            self._together += 1
        try:
            yield
        finally:
            with self._free:
                self._together -= 1
                self._free.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """With nobody beside, once all that are together have ended."""
        with self._free:
            self._free.wait_for(lambda: self._together == 0)
            yield

"""The end of a hold: requests held at the provider while the gateway is stopped are let go in time, whatever shows."""

from __future__ import annotations

import math
import threading
import time
from typing import Protocol


class Releasable(Protocol):
    """A gate, as far as it matters here."""

    def release(self) -> object: ...


class Release:
    """Lets go of the held requests, once: when it is called, or at the latest time, unless the draining has shown by then.

    Where several processes share a socket, a new connection is often accepted and left alone until the last of them has
    ended, which waits for the requests in flight.
    """

    def __init__(self, gate: Releasable, started: float, latest_s: float) -> None:
        self._gate, self._started, self._lock = gate, started, threading.Lock()
        self.held_s = math.inf
        self._timer = threading.Timer(latest_s, self)
        self._timer.daemon = True
        self._timer.start()

    def draining_shows(self) -> None:
        self._timer.cancel()

    def __call__(self) -> None:
        self._timer.cancel()
        with self._lock:
            if self.held_s == math.inf:
                self.held_s = time.monotonic() - self._started
                self._gate.release()

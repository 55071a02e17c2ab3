"""The end of a hold: requests held at the provider while the gateway is stopped are let go in time, whatever shows."""

from __future__ import annotations

import math
import threading
import time
from typing import Protocol


class Releasable(Protocol):
    """A gate, as far as it matters here."""

    def release(self) -> object: ...


_UNANSWERED_S = 1.0
_AGAIN_S = 0.05


class Release:
    """Lets go of the held requests, once: when it is called, or from the latest time on where a new request gets no answer.

    Where several processes share a socket, a new connection is often accepted and left alone until the last of them has
    ended, which waits for the requests in flight. A gateway that answers is watched for as long as it takes.
    """

    def __init__(self, gate: Releasable, started: float, latest_s: float) -> None:
        self._gate, self._started, self._asked = gate, started, started
        self._lock, self._called = threading.Lock(), threading.Event()
        self.held_s = math.inf
        threading.Thread(target=self._wait, args=(latest_s,), daemon=True).start()

    def asks(self) -> None:
        """A new request goes out, or has been answered or refused."""
        self._asked = time.monotonic()

    def __call__(self) -> None:
        self._called.set()
        with self._lock:
            if self.held_s == math.inf:
                self.held_s = time.monotonic() - self._started
                self._gate.release()

    def _wait(self, latest_s: float) -> None:
        wait_s = latest_s
        while not self._called.wait(wait_s):
            if time.monotonic() - self._asked >= _UNANSWERED_S:
                self()
            wait_s = _AGAIN_S

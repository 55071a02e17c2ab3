"""A kept connection that listens while it sends: for bodies that a gateway refuses before it has read them.

A client that only sends first can lose the answer to such a body: the gateway answers, stops reading, and its close may
overtake what the client has not read yet. So every send here looks for an answer between two writes.
"""

from __future__ import annotations

import selectors
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

from conformance.http.exchange import Ending, Exchange, Request, WireAnswer, first, upload_s
from conformance.http.raw import Connection, serialise

_WRITE = 64 * 1024
_PATIENCE_S = 10.0
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


@dataclass(frozen=True, slots=True)
class Asked:
    """One request on a kept connection and what became of both.

    ``kept``: the gateway took the whole request, answered it whole and leaves the connection open. ``stalled``: it
    answered without announcing a close, but neither reads the rest of the request nor closes.
    """

    exchange: Exchange
    kept: bool = False
    stalled: bool = False


class KeptConnection(Connection):
    """One connection for several requests, one after another. Raises OSError where no connection can be made.

    ``note`` is told of every exchange.
    """

    def __init__(self, base_url: str, timeout_s: float, note: Callable[[Exchange], None] | None = None) -> None:
        super().__init__(base_url, timeout_s)
        self._note = note

    def ask(self, request: Request) -> Asked:
        """Send a request, read its answer, and send what is left of it where the gateway still listens."""
        asked = self._ask(request)
        if self._note:
            self._note(asked.exchange)
        return asked

    def _ask(self, request: Request) -> Asked:
        started = time.monotonic()
        rest = self._push(memoryview(b"".join(serialise(request, close=False))), until_answer=True)
        wire = self.read_answer()
        elapsed = time.monotonic() - started
        if wire is None:
            silent = self.lost is Ending.SILENT
            return Asked(Exchange(request, None, f"no answer: {self.lost or 'no HTTP'}", elapsed, timed_out=silent))
        exchange = Exchange(request, wire.answer, None, elapsed)
        if _closes(wire):
            return Asked(exchange)
        rest = self._push(rest, until_answer=False)
        open_still = self.lost is None and not rest
        return Asked(exchange, kept=open_still, stalled=bool(rest) and self.lost is Ending.SILENT)

    def _push(self, data: memoryview, *, until_answer: bool) -> memoryview:
        """Write until all is written, the connection is lost, or (if told so) an answer begins; returns what is left."""
        self._socket.setblocking(False)
        patience = time.monotonic() + _PATIENCE_S
        until = time.monotonic() + self._timeout_s + upload_s(data)
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while data and self._listen() and not (until_answer and self._buffer):
                try:
                    data = data[self._socket.send(data[:_WRITE]) :]
                    patience = min(until, time.monotonic() + _PATIENCE_S)
                except _NOT_NOW:
                    if time.monotonic() > patience:
                        self._lost = Ending.SILENT
                    ready.select(timeout=0.05)
                except OSError:
                    # The gateway has stopped listening; what it answered before may still be there to be read.
                    break
        return data

    def _listen(self) -> bool:
        """Take in whatever has arrived. False where the connection is lost."""
        while self._lost is None:
            try:
                data = self._socket.recv(_WRITE)
            except _NOT_NOW:
                return True
            except OSError:
                self._lost = Ending.RESET
            else:
                self._take_in(data)
        return False


def _closes(wire: WireAnswer) -> bool:
    announced = "close" in (first(wire.headers, "connection") or "").lower()
    return announced or wire.ending is not Ending.COMPLETE

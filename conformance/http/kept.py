"""A kept connection that listens while it sends: for bodies that a gateway refuses before it has read them.

A client that only sends first can lose the response to such a body: the gateway responds, stops reading, and its close may
overtake what the client has not read yet. So every send here looks for a response between two writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from conformance.http.connection import Connection
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Ending, Exchange, Request, WireAnswer, first
from conformance.http.raw import in_pieces


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """One exchange on a kept connection and what became of the connection.

    `kept`: the gateway took the whole request, responded wholly and leaves the connection open. `stalled`: it responded
    without announcing a close, but neither reads the rest of the request nor closes.
    """

    exchange: Exchange
    kept: bool = False
    stalled: bool = False


class KeptConnection:
    """One connection for several requests, one after another. Raises OSError where no connection can be made.

    `timeout_s` bounds each of: connecting, a send, reading one response. `observe` is told of every exchange.
    """

    def __init__(self, endpoint: Endpoint, timeout_s: float, observe: Callable[[Exchange], None] | None = None) -> None:
        self._endpoint = endpoint
        self._connection = Connection(endpoint, timeout_s)
        self._observe = observe

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, data: bytes) -> bool:
        """Send bytes and read nothing. False where the gateway has stopped listening."""
        return self._connection.send(data)

    def ask(self, request: Request) -> KeptExchange:
        """Send a request, read its response, and send what is left of it where the gateway still listens."""
        result = self._ask(request)
        if self._observe:
            self._observe(result.exchange)
        return result

    def _ask(self, request: Request) -> KeptExchange:
        connection, started = self._connection, time.monotonic()
        pieces = in_pieces(request, self._endpoint, close=False)
        rest = self._send(memoryview(b""), pieces, until_response=True)
        wire = connection.read_answer()
        elapsed = time.monotonic() - started
        if wire is None:
            silent = connection.lost is Ending.SILENT
            reason = f"no answer: {connection.lost or 'no HTTP'}"
            return KeptExchange(Exchange(request, None, reason, elapsed, timed_out=silent))
        exchange = Exchange(request, wire.answer, None, elapsed)
        if _closes(wire):
            return KeptExchange(exchange)
        rest = self._send(rest, pieces, until_response=False)
        kept = connection.lost is None and not rest
        return KeptExchange(exchange, kept=kept, stalled=bool(rest) and connection.lost is Ending.SILENT)

    def _send(self, rest: memoryview, pieces: Iterator[bytes], *, until_response: bool) -> memoryview:
        """Send the rest of a piece and then the others; returns what was not sent of the piece that was under way."""
        connection = self._connection
        while True:
            rest = connection.send_while_listening(rest, until_response=until_response)
            if rest or connection.lost or (until_response and connection.answering):
                return rest
            piece = next(pieces, None)
            if piece is None:
                return rest
            rest = memoryview(piece)


def _closes(wire: WireAnswer) -> bool:
    announced = "close" in (first(wire.headers, "connection") or "").lower()
    return announced or wire.ending is not Ending.COMPLETE

"""A connection to the mock's control API, read leniently: that takes a quarter of the time, and nobody judges the mock."""

from __future__ import annotations

from conformance.http.connection import Connection
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Answer, Ending, Request, first
from conformance.http.raw import serialise

TIMEOUT_S = 30.0
"""Seconds that connecting, sending and reading a response may take, each."""


class Line:
    """A connection that a pool may keep. Connects at once: raises OSError where it cannot."""

    def __init__(self, endpoint: Endpoint, _timeout_s: float) -> None:
        self._endpoint = endpoint
        self._connection = Connection(endpoint, TIMEOUT_S)
        self._is_kept = False

    @property
    def is_reusable(self) -> bool:
        return self._is_kept

    @property
    def is_stale(self) -> bool:
        return self._connection.is_stirred

    def close(self) -> None:
        self._connection.close()

    def fetch(self, request: Request, _until: float) -> Answer:
        """Send, and read the whole answer. Raises OSError where none comes whole."""
        self._is_kept = False
        self._connection.send(b"".join(serialise(request, self._endpoint, close=False)))
        wire = self._connection.read_answer()
        if wire is None or wire.ending is not Ending.COMPLETE:
            raise OSError(f"no whole answer: {self._connection.lost or 'no HTTP'}")
        self._is_kept = "close" not in (first(wire.headers, "connection") or "").lower()
        return wire.answer

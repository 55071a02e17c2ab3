"""Connections that are kept for later requests, on which a whole exchange has one deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import h11

from conformance.errors import Blocked, NoAnswer
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Answer, Exchange, Request, upload_s
from conformance.http.strict import StrictConnection

# Shorter than servers keep a connection that nobody uses.
_KEPT_S = 4.0


class Kept(Protocol):
    """A connection for one exchange after another, as `StrictConnection` says it."""

    @property
    def is_reusable(self) -> bool: ...

    @property
    def is_stale(self) -> bool: ...

    def fetch(self, request: Request, until: float) -> Answer: ...

    def close(self) -> None: ...


class Pool:
    """Keeps up to `connections` idle ones to one server for later requests. Safe to use from several threads.

    `connect` makes a connection, within so many seconds.
    """

    def __init__(
        self, connections: int, endpoint: Endpoint, connect: Callable[[Endpoint, float], Kept] = StrictConnection
    ) -> None:
        self._endpoint = endpoint
        self._connect = connect
        self._most = connections
        self._lock = threading.Lock()
        self._idle: list[tuple[float, Kept]] = []

    def close(self) -> None:
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    @property
    def idle(self) -> int:
        """How many connections are kept."""
        return len(self._idle)

    def exchange(self, request: Request, timeout_s: float) -> Exchange:
        """Send, and read the whole answer; where none comes whole and in time, the exchange says why."""
        started = time.monotonic()
        try:
            answer = self.fetch(request, timeout_s)
        except NoAnswer as lost:
            return Exchange(
                request,
                None,
                lost.reason,
                time.monotonic() - started,
                timed_out=lost.timed_out,
                refused=lost.refused,
                broken=lost.broken,
            )
        return Exchange(request, answer, None, time.monotonic() - started)

    def fetch(self, request: Request, timeout_s: float) -> Answer:
        """Send, and read the whole answer. Raises NoAnswer where none comes whole and in time.

        Raises Blocked for a request that HTTP cannot carry: no gateway is to blame for that. `timeout_s` is for all of it,
        besides what it takes to bring a large body there.
        """
        until = time.monotonic() + timeout_s + upload_s(request.body)
        try:
            connection = self._kept() or self._connect(self._endpoint, until - time.monotonic())
        except TimeoutError as error:
            raise _late(timeout_s) from error
        except OSError as error:
            raise NoAnswer(f"connection refused ({error})", refused=True) from error
        try:
            answer = connection.fetch(request, until)
        except TimeoutError as error:
            raise _late(timeout_s) from error
        except h11.LocalProtocolError as error:
            raise Blocked(f"the suite cannot send this request: {error}") from error
        except (OSError, h11.ProtocolError) as error:
            raise NoAnswer(f"connection broken ({type(error).__name__}: {error})", broken=True) from error
        finally:
            self._keep(connection)
        return answer

    def _kept(self) -> Kept | None:
        """The connection that was used last, unless the gateway has closed it or may be about to."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                since, connection = self._idle.pop()
            if time.monotonic() - since < _KEPT_S and not connection.is_stale:
                return connection
            connection.close()

    def _keep(self, connection: Kept) -> None:
        with self._lock:
            if connection.is_reusable and len(self._idle) < self._most:
                self._idle.append((time.monotonic(), connection))
                return
        connection.close()


def _late(timeout_s: float) -> NoAnswer:
    return NoAnswer(f"no whole answer within {timeout_s:g} s", timed_out=True)

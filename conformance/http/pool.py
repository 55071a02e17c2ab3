"""HTTP connections to the gateway, on which a whole exchange has one deadline and an answer has a largest size.

The deadlines of an HTTP library count for each read: a gateway that sends a byte a second is never too late. So here every
read and write of a connection is given what is left of the time of the exchange that it serves. An exchange is driven by
one thread from its beginning to its end, so the time belongs to the thread.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

from conformance.errors import NoAnswer
from conformance.http.endpoint import Endpoint, ProxyRefused
from conformance.http.exchange import MOST_ANSWER, Answer, Exchange, Request, upload_s

_SLICE = 64 * 1024
_OWN_HEADERS = (
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"identity"),
    (b"Connection", b"keep-alive"),
    (b"User-Agent", b"audio-conformance"),
)


class Pool:
    """Keeps up to `connections` idle ones to one gateway for later requests. Safe to use from several threads."""

    def __init__(self, connections: int, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._clock = _Clock()
        self._pool = httpcore.ConnectionPool(
            ssl_context=endpoint.context,
            max_connections=None,
            max_keepalive_connections=connections,
            keepalive_expiry=4.0,
            network_backend=_Network(self._clock, endpoint),
        )

    def close(self) -> None:
        self._pool.close()

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

        `timeout_s` is for all of it, besides what it takes to bring a large body there.
        """
        self._clock.until = time.monotonic() + timeout_s + upload_s(request.body)
        try:
            return self._fetch(request)
        except httpcore.TimeoutException as error:
            raise NoAnswer(f"no whole answer within {timeout_s:g} s", timed_out=True) from error
        except httpcore.ConnectError as error:
            raise NoAnswer(f"connection refused ({error})", refused=True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise NoAnswer(f"connection broken ({type(error).__name__}: {error})", broken=True) from error

    def _fetch(self, request: Request) -> Answer:
        response = self._pool.handle_request(_prepared(request, self._endpoint))
        try:
            assert isinstance(response.stream, Iterable)
            body = _whole(response.stream)
        finally:
            response.close()
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers)
        return Answer(response.status, headers, body)


def _prepared(request: Request, endpoint: Endpoint) -> httpcore.Request:
    """What goes out: the request's own headers in their order, and the few that it does without."""
    content = _pieces(request.body) if request.chunked else request.body
    sent = (*request.headers, *endpoint.missing_headers(request))
    headers = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in sent]
    given = {name.lower() for name, _ in headers}
    headers = [*(own for own in _OWN_HEADERS if own[0].lower() not in given), *headers]
    built = httpx.Request(request.method, request.url, headers=headers, content=content)
    url = built.url
    asked = b"%b://%b%b" % (url.raw_scheme, url.netloc, url.raw_path) if endpoint.forwards else url.raw_path
    target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=asked)
    stream: Any = built.stream
    return httpcore.Request(request.method, target, headers=built.headers.raw, content=stream)


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def _whole(stream: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in stream:
        body += chunk
        if len(body) > MOST_ANSWER:
            raise NoAnswer(f"the body does not end: more than {MOST_ANSWER >> 20} MiB of it came")
    return bytes(body)


class _Clock(threading.local):
    """Until when the exchange of this thread may go on."""

    until = 0.0

    def left(self) -> float:
        seconds = self.until - time.monotonic()
        if seconds <= 0:
            raise httpcore.ReadTimeout
        return seconds


class _Network(httpcore.NetworkBackend):
    """Connects as httpcore does, to the proxy where there is one, within the time of the exchange."""

    def __init__(self, clock: _Clock, endpoint: Endpoint) -> None:
        self._clock = clock
        self._endpoint = endpoint
        self._backend = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> _Stream:
        del timeout
        if self._endpoint.proxy:
            host, port = self._endpoint.first_hop
        stream = _Stream(self._backend.connect_tcp(host, port, self._clock.left(), *rest, **more), self._clock)
        try:
            self._endpoint.tunnel(stream.write, stream.read)
        except ProxyRefused as refused:
            stream.close()
            raise httpcore.ConnectError(str(refused)) from refused
        return stream


class _Stream(httpcore.NetworkStream):
    """One connection, each operation within the time of the exchange that it serves at the moment."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        del timeout
        return self._stream.read(max_bytes, self._clock.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        del timeout
        # In slices: the time given to one write begins anew with every part of it that the gateway takes.
        for start in range(0, len(buffer), _SLICE):
            self._stream.write(buffer[start : start + _SLICE], self._clock.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        del timeout
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, self._clock.left()), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

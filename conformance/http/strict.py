"""One HTTP/1.1 connection that is read as strictly as client libraries read it: what breaks the protocol is no answer.

Every read and write is given what is left of the time of the exchange that it serves: a gateway that sends a byte a second
is too late in the end. h11 writes and reads the bytes.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote, urlsplit

import h11

from conformance.errors import NoAnswer
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import MOST_ANSWER, Answer, Request

_SLICE = 64 * 1024
_CHUNK = 1000
_MOST_HEAD = 100 * 1024
_OWN_HEADERS = (
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"identity"),
    (b"Connection", b"keep-alive"),
    (b"User-Agent", b"audio-conformance"),
)
_WITH_LENGTH = frozenset({"POST", "PUT", "PATCH"})
# What stands in a path or a query as it is; percent signs too, as a check may mean them.
_PLAIN = "!#$%&'()*+,/:;=?@[\\]^`{|}~"
# Linux alone has it.
_ACKNOWLEDGE_AT_ONCE: int | None = getattr(socket, "TCP_QUICKACK", None)


class StrictConnection:
    """One connection for several exchanges, one after another. Connects at once: raises OSError where it cannot.

    `timeout_s` bounds the connecting alone.
    """

    def __init__(self, endpoint: Endpoint, timeout_s: float) -> None:
        self._endpoint = endpoint
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_MOST_HEAD)
        self._socket = endpoint.open_socket(timeout_s)
        self._ready = select.poll()
        self._ready.register(self._socket, select.POLLIN)

    def close(self) -> None:
        self._socket.close()

    @property
    def is_reusable(self) -> bool:
        """Whether another exchange may follow, as far as the one before says."""
        return self._protocol.our_state is h11.IDLE

    @property
    def is_stale(self) -> bool:
        """Whether there is something to read although nothing was asked: the gateway has closed, most likely."""
        return bool(self._ready.poll(0))

    def fetch(self, request: Request, until: float) -> Answer:
        """Send, and read the whole answer, until a point in time.

        Raises TimeoutError; OSError and h11.ProtocolError where the connection breaks or what it carries is no HTTP;
        NoAnswer for an answer without an end.
        """
        self._send(request, until)
        self._acknowledge_at_once()
        answer = self._read(until)
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
        return answer

    def _send(self, request: Request, until: float) -> None:
        """Sends what the gateway takes: one that closes before it has read all may have answered."""
        data = memoryview(b"".join(self._written(request)))
        try:
            while data:
                self._socket.settimeout(_left_s(until))
                data = data[self._socket.send(data[:_SLICE]) :]
        except TimeoutError:
            raise
        except OSError:
            pass

    def _acknowledge_at_once(self) -> None:
        """Spares a server that writes head and body apart, as Python's own does, 40 ms of waiting in each answer.

        It waits for the acknowledgement of the head, which a client puts off for as long. The kernel forgets the option.
        """
        if _ACKNOWLEDGE_AT_ONCE is not None:
            with suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, _ACKNOWLEDGE_AT_ONCE, 1)

    def _written(self, request: Request) -> Iterator[bytes]:
        step = _CHUNK if request.chunked else max(1, len(request.body))
        pieces = (h11.Data(request.body[start : start + step]) for start in range(0, len(request.body), step))
        for event in (_head(request, self._endpoint), *pieces, h11.EndOfMessage()):
            yield from self._protocol.send_with_data_passthrough(event) or ()

    def _read(self, until: float) -> Answer:
        head: h11.Response | h11.InformationalResponse | None = None
        body = bytearray()
        while True:
            event = self._next_event(until)
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
                if len(body) > MOST_ANSWER:
                    raise NoAnswer(f"the body does not end: more than {MOST_ANSWER >> 20} MiB of it came")
            elif isinstance(event, h11.InformationalResponse):
                if event.status_code == 101:
                    return _answer(event, b"")
            else:
                assert head is not None
                return _answer(head, bytes(body))

    def _next_event(self, until: float) -> type[h11.NEED_DATA | h11.PAUSED] | h11.Event:
        """What comes next; never that more is needed."""
        while (event := self._protocol.next_event()) is h11.NEED_DATA:
            self._socket.settimeout(_left_s(until))
            data = self._socket.recv(_SLICE)
            if not data and self._protocol.their_state is h11.SEND_RESPONSE:
                raise h11.RemoteProtocolError("Server disconnected without sending a response.")
            self._protocol.receive_data(data)
        return event


def _left_s(until: float) -> float:
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _answer(head: h11.Response | h11.InformationalResponse, body: bytes) -> Answer:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items())
    return Answer(head.status_code, headers, body)


def _head(request: Request, endpoint: Endpoint) -> h11.Request:
    """What goes out: the request's own headers in their order, and the few that it does without."""
    origin, host, target = _address(request.url)
    sent = (*request.headers, *endpoint.missing_headers(request))
    headers = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in sent]
    given = {name.lower() for name, _ in headers}
    headers = [*(own for own in _OWN_HEADERS if own[0].lower() not in given), *headers]
    if b"host" not in given:
        headers.insert(0, (b"Host", host))
    if not given & {b"content-length", b"transfer-encoding"}:
        headers += _framing(request)
    return h11.Request(
        method=request.method.encode(), target=origin + target if endpoint.forwards else target, headers=headers
    )


def _framing(request: Request) -> list[tuple[bytes, bytes]]:
    if request.chunked:
        return [(b"Transfer-Encoding", b"chunked")]
    has_length = request.body or request.method in _WITH_LENGTH
    return [(b"Content-Length", b"%d" % len(request.body))] if has_length else []


@lru_cache(maxsize=256)
def _address(url: str) -> tuple[bytes, bytes, bytes]:
    """A URL's scheme and host as they stand before a path, its host alone, and its path and query."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    target = (parts.path or "/") + (f"?{parts.query}" if "?" in url else "")
    return f"{parts.scheme}://{host}".encode(), host.encode(), quote(target, safe=_PLAIN).encode()

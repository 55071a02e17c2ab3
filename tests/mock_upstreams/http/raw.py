"""HTTP by hand over a bare socket: requests written byte by byte, responses taken as they come."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response as it came: its head line by line, its body, the pieces in which the socket delivered it."""

    status: int
    lines: tuple[str, ...]
    body: bytes

    def named(self, name: str) -> list[str]:
        """Every header whose name is written exactly so."""
        return [line.partition(":")[2].strip() for line in self.lines if line.partition(":")[0] == name]

    def header(self, name: str) -> str | None:
        """The value of a header, however its name is written."""
        values = (line.partition(":")[2].strip() for line in self.lines if line.partition(":")[0].lower() == name)
        return next(values, None)


class Wire:
    """One connection to the mock."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self._buffer = b""

    def send(self, method: str, target: str, *headers: str, body: bytes = b"", version: str = "1.1") -> None:
        lines = [f"{method} {target} HTTP/{version}", "Host: mock", "Authorization: Bearer k", *headers]
        lines += [f"Content-Length: {len(body)}"] if body else []
        self._socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)

    def send_bytes(self, *parts: bytes) -> None:
        """Each part as it is, in a segment of its own as far as the system lets them."""
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            self._socket.sendall(part)

    def response(self) -> RawResponse:
        """The next response, interim or final; a body without a length ends with the connection."""
        while b"\r\n\r\n" not in self._buffer:
            assert self._more(), f"the connection ended after {self._buffer!r}"
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        response = RawResponse(int(first.split()[1]), tuple(lines), b"")
        return RawResponse(response.status, response.lines, self._body(response))

    def closed(self) -> bool:
        """Whether the connection ends now, in good order, with nothing more on it."""
        return not self._more() and not self._buffer

    def _body(self, head: RawResponse) -> bytes:
        if head.status < 200:
            return b""
        if head.header("transfer-encoding") == "chunked":
            return b"".join(self._chunks())
        length = head.header("content-length")
        if length is not None:
            return self._take(int(length))
        while self._more():
            pass
        return self._take(len(self._buffer))

    def _chunks(self) -> Iterator[bytes]:
        while True:
            while b"\r\n" not in self._buffer:
                assert self._more()
            size, _, self._buffer = self._buffer.partition(b"\r\n")
            chunk = self._take(int(size, 16) + 2)[:-2]
            if not chunk:
                return
            yield chunk

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            assert self._more(), "the body ended too soon"
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _more(self) -> bool:
        piece = self._socket.recv(2**16)
        self._buffer += piece
        return bool(piece)


@contextmanager
def connected(base_url: str) -> Iterator[Wire]:
    """A connection, closed on leaving; every wait on it is bounded."""
    address = urlsplit(base_url)
    with socket.create_connection((address.hostname, address.port), 20) as one:
        yield Wire(one)

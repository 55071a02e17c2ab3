"""A provider made of a plain socket: it notes each request as it came and answers exactly the bytes that it is given."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Play = Callable[[socket.socket], None]


@dataclass
class RawRequest:
    """One request: its first line, its headers in lower case, its body."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class RawProvider:
    """`play` answers each request; `requests` and `connections` are what came."""

    url: str
    play: Play
    requests: list[RawRequest] = field(default_factory=list)
    connections: int = 0


def answer(
    body: bytes,
    content_type: str = "application/json",
    status: str = "200 OK",
    extra: str = "",
    length: int | None = None,
) -> Play:
    """A whole answer, or one whose Content-Length says more than comes."""
    size = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {size}\r\n{extra}\r\n"

    def play(connection: socket.socket) -> None:
        connection.sendall(head.encode() + body)
        if length is not None:
            connection.shutdown(socket.SHUT_WR)

    return play


def as_json(document: object, status: str = "200 OK", extra: str = "") -> Play:
    return answer(json.dumps(document).encode(), status=status, extra=extra)


def reset(after: bytes = b"") -> Play:
    """Sends `after`, then a TCP reset."""

    def play(connection: socket.socket) -> None:
        if after:
            connection.sendall(after)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return play


def silence(connection: socket.socket) -> None:
    """Never answers; returns when the caller hangs up."""
    connection.recv(1)


@contextlib.contextmanager
def raw_provider(play: Play) -> Iterator[RawProvider]:
    """Listens on a free port until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        provider = RawProvider(f"http://127.0.0.1:{listener.getsockname()[1]}", play)
        thread = threading.Thread(target=_accept, args=(listener, provider), daemon=True)
        thread.start()
        yield provider
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _accept(listener: socket.socket, provider: RawProvider) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        provider.connections += 1
        threading.Thread(target=_converse, args=(connection, provider), daemon=True).start()


def _converse(connection: socket.socket, provider: RawProvider) -> None:
    with connection, contextlib.suppress(OSError):
        while (request := _read(connection)) is not None:
            provider.requests.append(request)
            provider.play(connection)


def _read(connection: socket.socket) -> RawRequest | None:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (chunk := connection.recv(65536)):
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    line, *pairs = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (pair.partition(": ") for pair in pairs)}
    while len(body) < int(headers["content-length"]):
        body += connection.recv(65536)
    return RawRequest(line, headers, body)

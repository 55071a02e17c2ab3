"""A server on a bare socket that answers with exactly the bytes that a test gives it."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


class Canned:
    """Accepts connections; on each it reads what comes until `wanted` is in it, then sends the next answer and ends."""

    def __init__(
        self, *answers: bytes, end: str = "close", wanted: bytes = b"\r\n\r\n", tls: ssl.SSLContext | None = None
    ) -> None:
        self.received: list[bytes] = []
        self._answers, self._end, self._wanted, self._tls = list(answers), end, wanted, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._release = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _run(self) -> None:
        for answer in self._answers:
            peer, _ = self._listener.accept()
            with self._tls.wrap_socket(peer, server_side=True) if self._tls else peer as spoken:
                self._serve(spoken, answer)

    def _serve(self, peer: socket.socket, answer: bytes) -> None:
        got = b""
        while self._wanted not in got and (data := peer.recv(65536)):
            got += data
        self.received.append(got)
        peer.sendall(answer)
        if self._end == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self._end == "hold":
            self._release.wait(10)

    @contextmanager
    def running(self) -> Iterator[Canned]:
        self._thread.start()
        try:
            yield self
        finally:
            self._release.set()
            self._listener.close()
            self._thread.join(10)

"""Gateways that are broken as servers: each is a real socket that hangs, floods, drips, lies about lengths or falls.

A fault is a function of one accepted connection; ``broken`` serves it from the start, ``breaking`` relays to a healthy
gateway first and gives way to the fault with the N-th request.
"""

from __future__ import annotations

import functools
import gzip
import json
import random
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

Fault = Callable[[socket.socket, threading.Event], None]

_READ = 65536
_RESET = struct.pack("ii", 1, 0)
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DRIP_S = 1.0


def hang(_peer: socket.socket, over: threading.Event) -> None:
    """Accept, and never say a word."""
    over.wait()


def close(peer: socket.socket, _over: threading.Event) -> None:
    """End each connection in good order, with no answer."""
    peer.shutdown(socket.SHUT_RDWR)


def reset(peer: socket.socket, _over: threading.Event) -> None:
    """Break each connection off."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


def garbage(peer: socket.socket, _over: threading.Event) -> None:
    """Answer bytes that are no HTTP."""
    peer.sendall(random.Random(1).randbytes(20_000))
    peer.shutdown(socket.SHUT_WR)
    while peer.recv(_READ):
        pass


def drip_head(peer: socket.socket, over: threading.Event) -> None:
    """A byte of the head a second."""
    _drip(peer, over, _HEAD + b"X-Long: " + b"x" * 10_000)


def drip_body(peer: socket.socket, over: threading.Event) -> None:
    """The head at once, then a byte a second."""
    peer.sendall(_HEAD + b"Content-Length: 10000\r\n\r\n")
    _drip(peer, over, b" " * 10_000)


def endless_body(peer: socket.socket, over: threading.Event) -> None:
    """A body without an end, as fast as it is taken."""
    peer.sendall(_HEAD + b"\r\n")
    _flood(peer, over, b"x" * _READ)


def endless_head(peer: socket.socket, over: threading.Event) -> None:
    """Headers without an end."""
    peer.sendall(_HEAD)
    _flood(peer, over, b"X-More: of the same\r\n" * 1000)


def endless_interim(peer: socket.socket, over: threading.Event) -> None:
    """Interim answers for ever: each is legal, the final one never comes."""
    _flood(peer, over, b"HTTP/1.1 102 Processing\r\n\r\n" * 100)


def short_body(peer: socket.socket, over: threading.Event) -> None:
    """Announce more than is sent, and stall."""
    peer.sendall(_HEAD + b'Content-Length: 1000\r\n\r\n{"text": "')
    over.wait()


def answering(head: bytes, body: bytes = b"") -> Fault:
    """Answer every request on the connection alike: ``head`` is status line and headers, each line ended."""
    answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body

    def fault(peer: socket.socket, _over: threading.Event) -> None:
        while _read_request(peer):
            peer.sendall(answer)

    return fault


def _error(kind: str) -> bytes:
    return json.dumps({"error": {"message": "no", "type": kind}, "request_id": "req_1"}).encode()


@functools.cache
def _bomb() -> Fault:
    return answering(_HEAD + b"Content-Encoding: gzip\r\n", gzip.compress(bytes(200_000_000), 1))


def gzip_bomb(peer: socket.socket, over: threading.Event) -> None:
    """Answer 200 MB that are packed into a few."""
    _bomb()(peer, over)


wrong_encoding = answering(_HEAD + b"Content-Encoding: br\r\n", b'{"text": "hello"}')
redirect_loop = answering(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /api/client/v1/audio/speech\r\n")
always_limited = answering(
    b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nRetry-After: 3600\r\n",
    _error("rate_limit_error"),
)
always_unauthorised = answering(
    b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n", _error("authentication_error")
)


def _read_request(peer: socket.socket) -> bool:
    """Take in one request with its body. False where the client is done."""
    got = b""
    while b"\r\n\r\n" not in got:
        data = peer.recv(_READ)
        if not data:
            return False
        got += data
    head, _, body = got.partition(b"\r\n\r\n")
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next((int(value) for name, _, value in lines if name == b"content-length" and value.strip().isdigit()), 0)
    while len(body) < length and (data := peer.recv(_READ)):
        body += data
    return True


def _drip(peer: socket.socket, over: threading.Event, data: bytes) -> None:
    for each in data:
        peer.sendall(bytes([each]))
        if over.wait(_DRIP_S):
            return


def _flood(peer: socket.socket, over: threading.Event, piece: bytes) -> None:
    while not over.is_set():
        peer.sendall(piece)


@dataclass(frozen=True)
class Front:
    """Where a broken gateway listens; ``close`` stops listening, as a process that died does."""

    listener: socket.socket
    over: threading.Event

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def close(self) -> None:
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


@contextmanager
def broken(fault: Fault) -> Iterator[Front]:
    """Every connection meets the fault."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        front = Front(listener, threading.Event())
        thread = threading.Thread(target=_accept, args=(front, fault), daemon=True)
        thread.start()
        try:
            yield front
        finally:
            front.over.set()
            front.close()
            thread.join()


def _accept(front: Front, fault: Fault) -> None:
    with suppress(OSError):
        while True:
            peer, _ = front.listener.accept()
            threading.Thread(target=_meet, args=(peer, fault, front.over), daemon=True).start()


def _meet(peer: socket.socket, fault: Fault, over: threading.Event) -> None:
    with peer, suppress(OSError):
        fault(peer, over)


@contextmanager
def breaking(origin: str, fault: Fault, is_due: Callable[[bytes], bool]) -> Iterator[Front]:
    """Relay to the gateway at ``origin``; a connection on which something comes that ``is_due`` accepts meets the fault.

    ``is_due`` gets what clients send, piece by piece, from several threads.
    """
    host, _, port = origin.removeprefix("http://").partition(":")

    def relay(peer: socket.socket, over: threading.Event) -> None:
        with socket.create_connection((host, int(port))) as server:
            while (data := _relay_until_client_speaks(peer, server)) and not is_due(data):
                server.sendall(data)
        if data:
            fault(peer, over)

    with broken(relay) as front:
        yield front


def _relay_until_client_speaks(peer: socket.socket, server: socket.socket) -> bytes:
    """Carry answers over until the client sends more, which is returned; nothing where either side is done."""
    while True:
        ready, _, _ = select.select([peer, server], [], [])
        if server in ready:
            answer = server.recv(_READ)
            if not answer:
                return b""
            peer.sendall(answer)
        if peer in ready:
            return peer.recv(_READ)


class FromRequest:
    """Due from the N-th request on, for good; ``first`` is called once, with the first that is."""

    def __init__(self, number: int, first: Callable[[], None] = lambda: None) -> None:
        self._left = number
        self._first = first
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> bool:
        with self._lock:
            before = self._left
            self._left -= _requests_in(data)
            if self._left <= 0 < before:
                self._first()
            return self._left <= 0


class EveryThird:
    """Due with every third request."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = threading.Lock()

    def __call__(self, data: bytes) -> bool:
        with self._lock:
            self._count += _requests_in(data)
            due = self._count >= 3
            self._count -= 3 * due
            return due


def of_one_kind(data: bytes) -> bool:
    """Due with requests for translations."""
    return b"/audio/translations HTTP/1.1\r\n" in data


def slowly(data: bytes) -> bool:
    """Never due, but each request takes three seconds to arrive."""
    time.sleep(3.0 * _requests_in(data))
    return False


def _requests_in(data: bytes) -> int:
    return data.count(b" HTTP/1.1\r\n")

"""The connection that listens while it sends, against servers that answer a large body in every way there is."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Request
from conformance.http.kept import KeptConnection

REFUSAL = b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nbig!"
CLOSING = b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbig!"
SERVED = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LARGE = 30_000_000


@contextmanager
def serving(behave: Callable[[socket.socket, threading.Event], None]) -> Iterator[str]:
    """One connection is handed to `behave`, which may wait for the event that ends the test."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            peer, _ = listener.accept()
            with peer:
                behave(peer, over)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            thread.join(10)


def request(url: str, size: int, *, chunked: bool = False) -> Request:
    return Request("POST", f"{url}/x", (("Content-Type", "text/plain"),), b"a" * size, chunked=chunked)


def read_head(peer: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += peer.recv(1000)
    return got


def read_request(peer: socket.socket, size: int) -> None:
    got = len(read_head(peer).split(b"\r\n\r\n", 1)[1])
    while got < size:
        got += len(peer.recv(min(65536, size - got)))


@pytest.mark.parametrize("answer", [REFUSAL, CLOSING])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_before_the_whole_body_is_read_even_if_a_reset_follows(answer: bytes, *, chunked: bool) -> None:
    """The server answers after the head and resets with the body unread: the answer still counts."""

    def behave(peer: socket.socket, _: threading.Event) -> None:
        read_head(peer)
        peer.sendall(answer)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    with serving(behave) as url, KeptConnection(Endpoint(url), 5.0) as connection:
        result = connection.ask(request(url, LARGE, chunked=chunked))
    assert result.exchange.status in {413, None}
    assert not result.kept
    assert not result.stalled


def test_an_answer_before_the_whole_body_counts_when_the_server_stays() -> None:
    """No race here: the server answers, waits until the client is gone, and has read nothing of the body."""

    def behave(peer: socket.socket, over: threading.Event) -> None:
        read_head(peer)
        peer.sendall(CLOSING)
        over.wait(10)

    with serving(behave) as url, KeptConnection(Endpoint(url), 5.0) as connection:
        result = connection.ask(request(url, LARGE))
    assert result.exchange.status == 413
    assert not result.kept
    assert not result.stalled


def test_a_server_that_reads_on_keeps_the_connection() -> None:
    """The rest of the body is sent after the answer, and the next request gets its own."""

    def behave(peer: socket.socket, _: threading.Event) -> None:
        peer.sendall(REFUSAL)
        read_request(peer, LARGE)
        read_request(peer, 10)
        peer.sendall(SERVED)

    with serving(behave) as url, KeptConnection(Endpoint(url), 5.0) as connection:
        first = connection.ask(request(url, LARGE))
        second = connection.ask(request(url, 10))
    assert (first.exchange.status, first.kept) == (413, True)
    assert (second.exchange.status, second.exchange.answer and second.exchange.answer.body) == (200, b"ok")


def test_a_server_that_neither_reads_nor_closes_is_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    """It announced no close, so the client may expect that its body is taken."""
    monkeypatch.setattr("conformance.http.connection._STALL_S", 0.3)

    def behave(peer: socket.socket, over: threading.Event) -> None:
        read_head(peer)
        peer.sendall(REFUSAL)
        over.wait(10)

    with serving(behave) as url, KeptConnection(Endpoint(url), 5.0) as connection:
        result = connection.ask(request(url, LARGE))
    assert result.exchange.status == 413
    assert result.stalled


def test_a_server_that_closes_after_its_answer_is_neither_kept_nor_stalled() -> None:
    """Closing without having announced it is clean, too."""

    def behave(peer: socket.socket, _: threading.Event) -> None:
        read_request(peer, 10)
        peer.sendall(REFUSAL)

    with serving(behave) as url, KeptConnection(Endpoint(url), 5.0) as connection:
        first = connection.ask(request(url, 10))
        second = connection.ask(request(url, 10))
    assert first.exchange.status == 413
    assert second.exchange.answer is None
    assert not second.exchange.timed_out


def test_silence_is_a_time_out() -> None:
    def behave(peer: socket.socket, over: threading.Event) -> None:
        read_head(peer)
        over.wait(10)

    with serving(behave) as url, KeptConnection(Endpoint(url), 0.3) as connection:
        result = connection.ask(request(url, 10))
    assert result.exchange.answer is None
    assert result.exchange.timed_out


def test_a_server_that_never_stops_answering_is_not_listened_to_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """It floods as fast as it is read, while it takes the request as slowly as it likes."""
    monkeypatch.setattr("conformance.http.connection.MOST_ANSWER", 2**20)

    def behave(peer: socket.socket, over: threading.Event) -> None:
        read_head(peer)
        with suppress(OSError):
            peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not over.is_set():
                peer.sendall(b"x" * 65536)

    with serving(behave) as url, KeptConnection(Endpoint(url), 5.0) as connection:
        result = connection.ask(request(url, LARGE))
    assert result.exchange.answer is not None
    assert len(result.exchange.answer.body) < 2**18
    assert not result.kept


def test_a_server_that_takes_a_body_too_slowly_has_had_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads a little again and again, so that it is never quite silent."""
    monkeypatch.setattr("conformance.http.exchange._SLOWEST_UPLOAD", 10 * LARGE)

    def behave(peer: socket.socket, over: threading.Event) -> None:
        while not over.wait(0.05):
            peer.recv(1000)

    with serving(behave) as url, KeptConnection(Endpoint(url), 0.5) as connection:
        result = connection.ask(request(url, LARGE))
    assert result.exchange.timed_out

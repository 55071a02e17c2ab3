"""The client of a simulated user: which lost requests are sent again, and which are the gateway's fault."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from conformance.http.endpoint import endpoint_of
from conformance.http.exchange import Request
from conformance.load.sending import Client
from conformance.target import parse

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_SHORT = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"


@contextmanager
def gateway(*connections: tuple[bytes, ...]) -> Iterator[tuple[Client, Request]]:
    """Serves each connection with its answers in turn, reads one request more, and closes it without a word."""
    listener = socket.create_server(("127.0.0.1", 0))

    def hear(peer: socket.socket) -> None:
        got = b""
        while not got.endswith(b"\r\n\r\nx") and (data := peer.recv(65536)):
            got += data

    def serve() -> None:
        for answers in connections:
            try:
                peer, _ = listener.accept()
            except OSError:  # the test is over, and made fewer connections than it might have
                return
            with peer:
                for answer in answers:
                    hear(peer)
                    peer.sendall(answer)
                if not answers or answers[-1] == _OK:
                    hear(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    target = parse({"base_url": origin, "token": "any"})
    client = Client(endpoint_of(target), target)
    try:
        yield client, Request("POST", f"{origin}/audio/speech", (("Content-Length", "1"),), b"x")
    finally:
        client.close()
        listener.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits there, which closing alone does not
        thread.join(10)
        listener.close()
        assert not thread.is_alive()


def test_a_kept_connection_that_was_closed_is_no_fault() -> None:
    """The request goes out a second time, and that is said."""
    with gateway((_OK,), (_OK,)) as (client, request):
        first, second = client.send(request), client.send(request)
    assert (first[0].status, first[1]) == (200, False)
    assert (second[0].status, second[1]) == (200, True)


def test_a_fresh_connection_that_is_closed_is_one() -> None:
    with gateway((), (_OK,)) as (client, request):
        exchange, resent = client.send(request)
    assert exchange.answer is None
    assert not resent


def test_an_answer_that_is_cut_short_is_one() -> None:
    """However often the connection served before."""
    with gateway((_OK, _SHORT), (_OK,)) as (client, request):
        client.send(request)
        exchange, resent = client.send(request)
    assert exchange.answer is None
    assert not resent

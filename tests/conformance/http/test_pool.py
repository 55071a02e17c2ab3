"""A pool sends a request as it is, keeps connections, and says how an exchange without a whole answer ended."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.errors import NoAnswer
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Request
from conformance.http.pool import Pool
from tests.conformance.fake_gateway import Reply, fake_gateway
from tests.conformance.http.canned import Canned


@contextmanager
def pool(url: str, connections: int = 1) -> Iterator[Pool]:
    opened = Pool(connections, Endpoint(url))
    try:
        yield opened
    finally:
        opened.close()


def lost(url: str, timeout_s: float = 5.0) -> NoAnswer:
    with pool(url) as ours, pytest.raises(NoAnswer) as raised:
        ours.fetch(Request("POST", url, (), b"x"), timeout_s)
    return raised.value


def test_a_request_arrives_with_its_own_headers_and_the_few_that_it_lacks() -> None:
    with fake_gateway(lambda _: Reply(body=b"ok")) as (url, seen), pool(url) as ours:
        answer = ours.fetch(Request("PUT", f"{url}/x?y=1", (("accept", "a/b"), ("X-Odd", "ü")), b"body"), 5.0)
    assert (answer.status, answer.body) == (200, b"ok")
    assert (seen[0].method, seen[0].path, seen[0].body) == ("PUT", "/api/client/v1/x?y=1", b"body")
    assert seen[0].headers["accept"] == "a/b"
    assert seen[0].headers["accept-encoding"] == "identity"
    assert seen[0].headers["x-odd"].encode("latin-1").decode() == "ü"


@pytest.mark.parametrize("connections", [0, 1])
def test_a_connection_is_kept_where_the_pool_keeps_any(connections: int) -> None:
    with fake_gateway() as (url, _), pool(url, connections) as ours:
        for _ in range(2):
            ours.fetch(Request("POST", url), 5.0)
        assert ours.idle == connections


def test_nobody_there_is_a_refusal() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    error = lost(url)
    assert error.refused
    assert error.reason.startswith("connection refused (")


def test_a_closed_connection_is_broken() -> None:
    with Canned(b"").running() as server:
        error = lost(server.base_url)
    assert error.broken
    assert "connection broken" in error.reason


def test_silence_is_timed_out() -> None:
    with Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", end="hold").running() as server:
        error = lost(server.base_url, 0.2)
    assert error.timed_out
    assert error.reason == "no whole answer within 0.2 s"


def test_a_body_that_ends_early_is_broken() -> None:
    with Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel").running() as server:
        assert lost(server.base_url).broken

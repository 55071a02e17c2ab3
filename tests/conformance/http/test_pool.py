"""A pool sends a request as it is, keeps connections, and says how an exchange without a whole answer ended."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.errors import Blocked, NoAnswer
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Request
from conformance.http.pool import Pool
from tests.conformance.fake_gateway import Reply, fake_gateway
from tests.conformance.http.canned import OK, Canned


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


def test_what_http_cannot_carry_is_nobodys_fault_but_the_suites() -> None:
    with fake_gateway() as (url, seen), pool(url) as ours, pytest.raises(Blocked, match="cannot send this request"):
        ours.fetch(Request("POST", url, (("Authorization", "Bearer "),), b"x"), 5.0)
    assert not seen


def test_silence_is_timed_out() -> None:
    with Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", end="hold").running() as server:
        error = lost(server.base_url, 0.2)
    assert error.timed_out
    assert error.reason == "no whole answer within 0.2 s"


def test_a_body_that_ends_early_is_broken() -> None:
    with Canned(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel").running() as server:
        assert lost(server.base_url).broken


def test_a_kept_connection_that_was_closed_meanwhile_is_not_used() -> None:
    """The gateway closes after its first answer without saying so: the second request goes out on another connection."""
    answers = Canned(OK, OK)
    with answers.running() as server, pool(server.base_url) as ours:
        for _ in range(2):
            assert ours.fetch(Request("GET", server.base_url), 5.0).body == b"hello"
            until_closed(ours)
    assert len(answers.received) == 2


def until_closed(ours: Pool) -> None:
    (_, connection), *_ = ours._idle
    until = time.monotonic() + 5
    while not connection.is_stale and time.monotonic() < until:
        pass
    assert connection.is_stale


def test_a_body_in_chunks_says_so() -> None:
    wire = Canned(OK, wanted=b"0\r\n\r\n")
    with wire.running() as server, pool(server.base_url) as ours:
        ours.fetch(Request("POST", f"{server.base_url}/x?a=%zz", (), b"y" * 1500, chunked=True), 5.0)
    head, _, body = wire.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /x?a=%zz HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nTransfer-Encoding: chunked" in head
    assert body == b"3e8\r\n" + b"y" * 1000 + b"\r\n1f4\r\n" + b"y" * 500 + b"\r\n0\r\n\r\n"


def test_only_what_may_have_a_body_says_that_it_has_none() -> None:
    heads = []
    for method in ("GET", "POST"):
        with Canned(OK).running() as server:
            Pool(0, Endpoint(server.base_url)).fetch(Request(method, server.base_url), 5.0)
        heads.append(b"Content-Length: 0" in server.received[0])
    assert heads == [False, True]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n",
        b"hello",
    ],
)
def test_what_breaks_the_protocol_is_no_answer(answer: bytes) -> None:
    with Canned(answer).running() as server:
        assert lost(server.base_url).broken


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="only Linux acknowledges at once when it is asked to")
def test_a_server_that_writes_head_and_body_apart_is_not_kept_waiting() -> None:
    """As Python's own does: its kernel holds the body back until the head is acknowledged, which takes 40 ms by itself."""
    requests, stall_s = 60, 0.04
    with fake_gateway() as (url, _), pool(url) as ours:
        started = time.monotonic()
        for _ in range(requests):
            ours.fetch(Request("POST", url, (), b"x"), 5.0)
        took_s = time.monotonic() - started
    assert took_s < requests * stall_s / 2

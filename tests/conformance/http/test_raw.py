"""Requests are written out as HTTP/1.1 bytes, and sent in the pieces that a check asks for."""

from __future__ import annotations

import socket

import pytest

from conformance.errors import Blocked
from conformance.http.client import Gateway
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Request
from conformance.http.raw import converse, serialise, split
from tests.conformance.http.canned import OK, Canned


def test_a_request_is_serialised_with_what_it_lacks():
    request = Request("POST", "http://h.test:81/a%20b?c=d", (("Content-Type", "x/y"), ("X-Ü", "ü")), b"body")
    head, body = serialise(request, Endpoint(request.url))
    assert head.startswith(b"POST /a%20b?c=d HTTP/1.1\r\nHost: h.test:81\r\nConnection: close\r\n")
    assert b"\r\nContent-Length: 4\r\n" in head
    assert head.endswith(b"\r\nContent-Type: x/y\r\nX-\xdc: \xc3\xbc\r\n\r\n")
    assert body == b"body"


def test_framing_that_the_request_brings_is_left_alone():
    head, _ = serialise(
        Request("POST", "http://h/", (("content-length", "99"), ("Host", "other")), b"body"), Endpoint("http://h")
    )
    assert head.lower().count(b"content-length") == 1
    assert head.lower().count(b"host:") == 1


def test_a_chunked_request_is_sent_in_chunks():
    head, body = serialise(Request("POST", "http://h/", (), b"x" * 20, chunked=True), Endpoint("http://h"))
    assert b"Content-Length" not in head
    assert body == b"14\r\n" + b"x" * 20 + b"\r\n0\r\n\r\n"


def gateway(url: str) -> Gateway:
    return Gateway(Endpoint(url), "t", timeout_s=5)


def test_pieces_arrive_as_the_request_they_make():
    with Canned(OK, wanted=b"the end").running() as server, gateway(server.base_url) as ours:
        request = Request("POST", f"{server.base_url}/x", (), b"this is the end")
        result = converse(ours, request, pieces=split(b"".join(serialise(request, Endpoint(request.url))), 7))
    assert result.exchange.status == 200
    assert result.wire.body == b"hello"
    assert server.received[0].endswith(b"Content-Length: 15\r\n\r\nthis is the end")


BUSY = b"HTTP/1.1 429 X\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"


def test_an_unexpected_limit_is_waited_for():
    with Canned(BUSY, OK).running() as server, gateway(server.base_url) as ours:
        assert converse(ours, Request("POST", f"{server.base_url}/")).exchange.status == 200


def test_a_limit_that_does_not_pass_blocks():
    never = BUSY.replace(b"After: 0", b"After: 999")
    with (
        Canned(never).running() as server,
        gateway(server.base_url) as ours,
        pytest.raises(Blocked, match="limit"),
    ):
        converse(ours, Request("POST", f"{server.base_url}/"))


def test_nobody_there_blocks(monkeypatch):
    monkeypatch.setattr("conformance.http.client._PROBING_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with gateway(url) as ours, pytest.raises(Blocked, match="refused"):
        converse(ours, Request("POST", f"{url}/"))

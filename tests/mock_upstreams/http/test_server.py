"""The mock inside another program: it starts on a thread, stops at once whatever it is doing, and says what it cannot."""

import errno
import gc
import socket
import time

import httpx
import pytest

from mock_upstreams.server import start
from tests.mock_upstreams.http.running import bench, raw_speech, received

BIG = 8 * 2**20


def test_it_starts_and_stops():
    """A free port, a token of its own, nothing left behind; stopping twice does no harm."""
    with start() as one, start() as two:
        assert one.base_url != two.base_url
        assert one.control_token != two.control_token
        assert httpx.get(f"{one.base_url}/_mock/health", trust_env=False).json()["status"] == "ok"
    one.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{one.base_url}/_mock/health", trust_env=False)
    gc.collect()  # an unclosed socket would warn here, and warnings are errors


def test_health_tells_how_the_caches_are_used(mock):
    """Equal requests are found again."""

    def hits():
        caches = mock.control.get("/health").json()["caches"]
        return {name: counts["hits"] for name, counts in caches.items()}

    mock.transcribe(mock.synthesize().content)
    before = hits()
    mock.transcribe(mock.synthesize().content, response_format="text")
    assert hits() == {name: count + 1 for name, count in before.items()}


def test_a_taken_port():
    """OSError, as from any server; no thread is left."""
    with start() as one, pytest.raises(OSError, match="in use"):
        start(port=int(one.base_url.rpartition(":")[2]))


def test_ipv6():
    """An IPv6 address is listened on and shown in brackets."""
    try:
        with start("::1") as one:
            assert one.base_url.startswith("http://[::1]:")
            assert httpx.get(f"{one.base_url}/_mock/health", trust_env=False).status_code == 200
    except OSError as error:
        pytest.skip(f"no IPv6 here: {error}")


def test_stopping_resets_what_is_held():
    """A call that would wait for ever does not keep the mock alive."""
    with bench() as mock:
        mock.script({"hold": "for ever"})
        with raw_speech(mock) as wire:
            held = {"waiting_at_least": 1, "wait_s": 10}
            assert mock.control.get("/gates/for ever", params=held).json()["waiting"] == 1
            before = time.monotonic()
            mock.running.stop()
            assert time.monotonic() - before < 5
            with pytest.raises(ConnectionResetError):
                wire.recv(1)


def test_a_part_of_a_large_body_arrives_before_the_reset(mock):
    """Part of a body, never more than its half: what the reader had not taken by then is lost with the connection."""
    mock.script({"body": {"text": "x" * BIG}, "reset": "mid_body"})
    with raw_speech(mock) as wire:
        data, ending = received(wire)
    assert ending == errno.ECONNRESET
    assert 0 < len(data.partition(b"\r\n\r\n")[2]) <= BIG // 2


def test_a_caller_that_stops_reading_is_let_go(mock):
    """Nobody reads a large answer and the connection closes: the call ends, the mock goes on."""
    mock.script({"body": {"text": "x" * BIG}})
    with raw_speech(mock) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        assert wire.recv(100).startswith(b"HTTP/1.1 200")
    assert mock.synthesize().status_code == 200


def test_an_upload_that_never_ends_is_no_call(mock):
    """A request that breaks off is not in the journal."""
    host, port = mock.base_url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as wire:
        wire.sendall(b"POST /v1/audio/speech HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{")
    assert mock.synthesize().status_code == 200
    assert len(mock.calls()) == 1

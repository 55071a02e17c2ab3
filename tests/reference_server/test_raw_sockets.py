"""What no HTTP library sends: split writes, slow and lying senders, half-closed and pipelined connections."""

import contextlib
import json
import socket
from collections.abc import Iterator

import httpx
import pytest

from tests.servers import RunningGateway, running_gateway

JSON = b'{"model":"tts-1","input":"Hi."}'
QUICK = {
    "providers": {"mock": {"kind": "mock"}},
    "models": {
        "tts-1": {"capability": "speech", "provider": "mock"},
        "whisper-1": {"capability": "transcription", "provider": "mock"},
    },
    "tokens": [{"name": "test", "token": "cpeer_raw_sockets"}],
    "read_timeout_s": 3,
    "max_upload_mb": 1,
    "log_level": "error",
}


@pytest.fixture(scope="module")
def quick() -> Iterator[RunningGateway]:
    """A gateway with little patience and room for one megabyte."""
    with running_gateway(QUICK) as running:
        yield running


def _connect(gateway: RunningGateway) -> socket.socket:
    host, port = gateway.origin.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=15)


def _head(gateway: RunningGateway, length: str, path: str = "/audio/speech", kind: str = "application/json") -> bytes:
    return (
        f"POST /api/client/v1{path} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {gateway.token}\r\n"
        f"Content-Type: {kind}\r\n{length}\r\n\r\n"
    ).encode()


def _answer(connection: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in lower case, body of one answer, and not a byte of the next."""
    head = _exactly(connection, 1)
    while not head.endswith(b"\r\n\r\n"):
        head += _exactly(connection, 1)
    line, *pairs = head.decode("latin-1").strip().split("\r\n")
    headers = {name.lower(): value for name, _, value in (pair.partition(": ") for pair in pairs)}
    return int(line.split()[1]), headers, _exactly(connection, int(headers["content-length"]))


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        assert chunk, f"the connection ended after {data!r}"
        data += chunk
    return data


def test_a_request_in_single_bytes_is_served(quick: RunningGateway) -> None:
    """Split writes are the network's business."""
    request = _head(quick, f"Content-Length: {len(JSON)}") + JSON
    with _connect(quick) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(request)):
            connection.sendall(request[at : at + 1])
        assert _answer(connection)[0] == 200


def test_a_chunked_body_is_served(quick: RunningGateway) -> None:
    """Transfer in chunks means the same as with a length."""
    chunks = b"".join(b"1\r\n" + JSON[at : at + 1] + b"\r\n" for at in range(len(JSON))) + b"0\r\n\r\n"
    with _connect(quick) as connection:
        connection.sendall(_head(quick, "Transfer-Encoding: chunked") + chunks)
        assert _answer(connection)[0] == 200


def test_pipelined_requests_are_answered_in_order(quick: RunningGateway) -> None:
    """A good, a bad and a good one in one write."""
    good = _head(quick, f"Content-Length: {len(JSON)}") + JSON
    with _connect(quick) as connection:
        connection.sendall(good + _head(quick, "Content-Length: 2") + b"[]")
        assert _answer(connection)[0] == 200
        assert _answer(connection)[0] == 400
        connection.sendall(good)
        assert _answer(connection)[0] == 200


def test_a_body_that_does_not_come_is_given_up(quick: RunningGateway) -> None:
    """408 with the envelope within the time allowed, and the connection closed."""
    with _connect(quick) as connection:
        connection.sendall(_head(quick, "Content-Length: 1000") + JSON)
        status, headers, body = _answer(connection)
        assert (status, headers["connection"]) == (408, "close")
        assert json.loads(body)["error"]["code"] == "body_too_slow"


def test_broken_chunks_leave_the_gateway_well(quick: RunningGateway) -> None:
    """No 5xx for a body that is no HTTP; the next connection is served."""
    with _connect(quick) as connection:
        connection.sendall(_head(quick, "Transfer-Encoding: chunked") + b"zz\r\nhello\r\n")
        data = connection.recv(65536)
    assert not data.startswith(b"HTTP/1.1 5")
    assert _says(quick) == 200


def test_a_client_that_goes_away_leaves_the_gateway_well(quick: RunningGateway) -> None:
    """In the head, in the body, before the answer."""
    whole = _head(quick, f"Content-Length: {len(JSON)}") + JSON
    for end in (10, len(whole) - 5, len(whole)):
        with _connect(quick) as connection:
            connection.sendall(whole[:end])
    assert _says(quick) == 200


@pytest.mark.parametrize("length", ["Content-Length: 40000000", "Transfer-Encoding: chunked"])
def test_an_oversized_body_is_answered_while_it_is_sent(quick: RunningGateway, length: str) -> None:
    """The client, still sending, can read a whole 413 and learns that the connection closes."""
    block = bytes(1024 * 1024)
    with _connect(quick) as connection:
        connection.sendall(_head(quick, length, "/audio/transcriptions"))
        with contextlib.suppress(ConnectionError):  # the gateway need not read it all
            for _ in range(20):
                connection.sendall(b"%x\r\n%s\r\n" % (len(block), block) if "chunked" in length else block)
        status, headers, body = _answer(connection)
    assert (status, headers["connection"]) == (413, "close")
    assert json.loads(body)["error"]["code"] == "request_too_large"
    assert _says(quick) == 200


def test_a_small_refused_body_leaves_the_connection_usable(quick: RunningGateway) -> None:
    """A 401 is answered before the body is looked at; the same connection serves the next request."""
    good = _head(quick, f"Content-Length: {len(JSON)}") + JSON
    with _connect(quick) as connection:
        connection.sendall(good.replace(quick.token.encode(), b"cpeer_wrong"))
        assert _answer(connection)[0] == 401
        connection.sendall(good)
        assert _answer(connection)[0] == 200


@pytest.mark.parametrize("host", ["name:port", "name:99999999", "[::1", "", "a:b:c", "%00"])
def test_an_odd_host_is_no_fault_of_the_server(quick: RunningGateway, host: str) -> None:
    """Served or refused, never 5xx."""
    request = _head(quick, f"Content-Length: {len(JSON)}").replace(b"Host: test", f"Host: {host}".encode()) + JSON
    with _connect(quick) as connection:
        connection.sendall(request)
        assert connection.recv(12).split()[1] in {b"200", b"400"}


def test_huge_headers_are_refused(quick: RunningGateway) -> None:
    """A megabyte of header is the server's to refuse, without harm."""
    with _connect(quick) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: test\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n")
        assert connection.recv(15).startswith(b"HTTP/1.1 4")
    assert _says(quick) == 200


def _says(gateway: RunningGateway) -> int:
    headers = {**gateway.headers, "Content-Type": "application/json"}
    return httpx.post(f"{gateway.base_url}/audio/speech", headers=headers, content=JSON).status_code

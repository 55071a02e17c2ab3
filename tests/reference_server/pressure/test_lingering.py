"""A refusal reaches a client that is still sending: the connection stays whole until the client could have read it."""

import socket

import pytest

from tests.servers import RunningGateway

pytestmark = pytest.mark.slow

_BLOCK = bytes(1024 * 1024)


@pytest.mark.parametrize(("token", "status"), [("cpeer_development", 413), ("cpeer_wrong", 401)])
def test_a_refused_body_can_be_sent_on_and_the_answer_read_after_it(
    gateway: RunningGateway, token: str, status: int
) -> None:
    """The refusal is out before the first block is sent; 40 blocks later, sent blindly, it can be read whole."""
    host, port = gateway.origin.removeprefix("http://").split(":")
    head = (
        f"POST /api/client/v1/audio/transcriptions HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {100 * len(_BLOCK)}\r\n\r\n"
    )
    with socket.create_connection((host, int(port)), timeout=15) as connection:
        connection.sendall(head.encode())
        received = connection.recv(12)
        assert received == f"HTTP/1.1 {status}".encode()
        connection.sendall(b"--b\r\n")
        for _ in range(40):
            connection.sendall(_BLOCK)
        while chunk := connection.recv(65536):
            received += chunk
    head_received, _, body = received.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head_received.lower()
    assert body.endswith(b"}")

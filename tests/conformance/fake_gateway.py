"""A gateway of a few lines on a real socket, for tests of the suite's own machinery."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "cpeer_test_0123456789"


@dataclass
class Reply:
    status: int = 200
    body: bytes = b'{"text": "hello", "request_id": "req_1"}'
    headers: dict[str, str] = field(default_factory=dict)
    close_without_answer: bool = False


@dataclass
class Seen:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Behaviour = Callable[[Seen], Reply]


def authorised(seen: Seen) -> Reply:
    """200 for the good token, 401 for any other."""
    scheme, _, token = seen.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token == TOKEN:
        return Reply()
    return Reply(401, json.dumps({"error": {"message": "no such token", "type": "authentication_error"}}).encode())


class _Server(ThreadingHTTPServer):
    tls: ssl.SSLContext | None = None

    def get_request(self) -> Any:
        request, address = super().get_request()
        if self.tls:
            # The handshake comes with the first read, in the connection's own thread.
            request = self.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        return request, address

    def finish_request(self, request: Any, client_address: Any) -> None:
        """End quietly where a client does not want the certificate."""
        with suppress(ssl.SSLError, ConnectionError):
            super().finish_request(request, client_address)


@contextmanager
def fake_gateway(
    behave: Behaviour = authorised,
    port: int = 0,
    base_path: str = "/api/client/v1",
    tls: ssl.SSLContext | None = None,
) -> Iterator[tuple[str, list[Seen]]]:
    """Serve ``behave`` on a port of loopback (0: a free one); yields the base URL and what was seen."""
    seen: list[Seen] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else a body waits 40 ms for the client to acknowledge the head

        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            seen.append(Seen(self.command, self.path, headers, self.rfile.read(length)))
            reply = behave(seen[-1])
            if reply.close_without_answer:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(reply.body)

        do_POST = do_GET = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", port), Handler)
    server.tls = tls
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{base_path}", seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

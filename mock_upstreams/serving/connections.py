"""HTTP/1.1 over a transport that the application may also close or reset: uvicorn's protocol with one ASGI extension."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from mock_upstreams.channel import CONNECTION

_LINGER_NOT = struct.pack("ii", 1, 0)  # closing now discards what is unsent and sends RST


class CloseableProtocol(H11Protocol):
    """Puts itself, as a `channel.Connection`, under `channel.CONNECTION` into every request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Has every request on this connection know it."""
        super().connection_made(transport)
        application: Any = self.app

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            self.timeout_keep_alive = self.config.timeout_keep_alive  # an earlier request may have changed it
            await application(_origin_form(scope) | {"extensions": {CONNECTION: self}}, receive, send)

        self.app = with_connection

    def send_interim(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Sends an interim response (1xx)."""
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        event = h11.InformationalResponse(status_code=status, headers=pairs, reason=STATUS_PHRASES[status])
        self.transport.write(self.conn.send(event))

    def delimit_by_close(self) -> None:
        """Frames the response as for an HTTP/1.0 client, which is the only way in which h11 leaves out a framing."""
        self.conn.their_http_version = b"1.0"

    def close_idle(self, seconds: float) -> None:
        """Makes the keep-alive time of this connection as short as that."""
        self.timeout_keep_alive = seconds  # type: ignore[assignment]  # uvicorn only passes it to call_later

    async def flush(self) -> None:
        """Waits until all that was sent has left this process."""
        if not self.transport.is_closing():
            self.transport.set_write_buffer_limits(high=0)  # anything unsent now pauses the flow control
            await self.flow.drain()

    def close(self) -> None:
        """Ends the connection in good order (FIN)."""
        self.transport.close()

    def reset(self) -> None:
        """Resets the connection (RST)."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None and not self.transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()

    def _unsupported_upgrade_warning(self) -> None:
        """Says nothing: a client that offers an upgrade, to HTTP/2 for one, is served without it."""


def _origin_form(scope: dict[str, Any]) -> dict[str, Any]:
    """Returns the scope of a request whose target may be a whole URL, as a proxy is sent it, with the path alone."""
    if scope["raw_path"].startswith(b"/"):
        return scope
    scheme, mark, rest = scope["raw_path"].partition(b"://")
    if not mark or scheme.lower() not in {b"http", b"https"}:
        return scope
    raw_path = b"/" + rest.partition(b"/")[2]
    return scope | {"raw_path": raw_path, "path": unquote(raw_path.decode("ascii"))}

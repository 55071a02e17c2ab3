"""HTTP/1.1 over a transport that the application may also close or reset: uvicorn's protocol with one ASGI extension."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.h11_impl import H11Protocol

from mock_upstreams.channel import CONNECTION

_LINGER_NOT = struct.pack("ii", 1, 0)  # closing now discards what is unsent and sends RST


@dataclass(frozen=True, slots=True)
class _Connection:
    transport: asyncio.Transport
    flow: FlowControl

    async def flush(self) -> None:
        if not self.transport.is_closing():
            self.transport.set_write_buffer_limits(high=0)  # anything unsent now pauses the flow control
            await self.flow.drain()

    def close(self) -> None:
        self.transport.close()

    def reset(self) -> None:
        sock = self.transport.get_extra_info("socket")
        if sock is not None and not self.transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()


class CloseableProtocol(H11Protocol):
    """Puts the connection under `channel.CONNECTION` into every request's scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Adds the transport to the scope of every request on this connection."""
        super().connection_made(transport)
        application: Any = self.app
        extensions = {CONNECTION: _Connection(transport, self.flow)}

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            await application({**scope, "extensions": extensions}, receive, send)

        self.app = with_connection

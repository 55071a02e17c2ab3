"""One request's connection: reads the body, sends the response in pieces, closes or resets what ASGI alone cannot."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from mock_upstreams.acts import Framing
from mock_upstreams.responses import Response

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CONNECTION = "mock_upstreams.connection"
"""The ASGI extension under which the server hands over its `Connection`."""

DECODED = "mock_upstreams.decoded"
"""The ASGI extension under which a caller in this process hands over a body as a `ReceivedBody`, instead of its bytes."""

_PADDING = b"000"
_MOST_BUFFERED = 1 << 16  # bytes that are handed to the transport at a time


class ClientDisconnected(Exception):
    """The client closed the connection before its request was whole, or before its response was."""


class Connection(Protocol):
    """What the server lets the player do to a connection."""

    @property
    def is_gone(self) -> bool:
        """Whether the client has closed it."""

    async def flush(self) -> None:
        """Waits until all that was sent has left this process."""

    def send_interim(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Sends an interim response (1xx). Before the final response only."""

    def delimit_by_close(self) -> None:
        """Makes the response now to be sent end with the connection: no length, no chunks, `Connection: close`."""

    def close_idle(self, seconds: float) -> None:
        """Closes the connection so long after the response now being sent, unless another request comes first."""

    def close(self) -> None:
        """Ends the connection in good order (FIN), whatever was announced."""

    def reset(self) -> None:
        """Resets the connection (RST)."""


def is_short(response: Response) -> bool:
    """Whether a response has a known length and need not be sent piece by piece."""
    return not response.chunked and len(response.pieces) == 1 and len(response.pieces[0]) <= _MOST_BUFFERED


class Channel(Struct, eq=False):
    """One request's way in, one response's way out."""

    scope: Scope
    receive: Receive
    send: Send

    @property
    def connection(self) -> Connection:
        """The connection under the request."""
        connection: Connection = self.scope["extensions"][CONNECTION]
        return connection

    async def piece(self) -> tuple[bytes, bool]:
        """Returns the next piece of the request's body, and whether more is to come. Raises ClientDisconnected."""
        message = await self.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        return message.get("body", b""), message.get("more_body", False)

    async def disconnected(self) -> None:
        """Returns when the connection is gone. Only after the whole body was read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    @property
    def takes_interim(self) -> bool:
        """Whether the client may be sent interim responses, which HTTP/1.0 does not know."""
        return bool(self.scope["http_version"] != "1.0")

    async def start(self, response: Response, framing: Framing, length: int) -> None:
        """Sends status and headers, with `length` where the framing announces one."""
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        if framing == "close":
            self.connection.delimit_by_close()
        elif framing != "chunked":
            pairs.append((b"content-length", b"%b%d" % (_PADDING if framing == "padded_length" else b"", length)))
        await self.send({"type": "http.response.start", "status": response.status, "headers": pairs})

    async def whole(self, response: Response) -> None:
        """Sends a response of one piece, which is short (`is_short`), in one go."""
        body = response.body
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]
        pairs.append((b"content-length", b"%d" % len(body)))
        await self.send({"type": "http.response.start", "status": response.status, "headers": pairs})
        await self.send({"type": "http.response.body", "body": body, "more_body": False})

    async def put(self, piece: bytes) -> None:
        """Sends a piece of the body, as fast as the client reads: no more than a part of it is buffered.

        Raises ClientDisconnected.
        """
        for start in range(0, len(piece), _MOST_BUFFERED):
            part = piece[start : start + _MOST_BUFFERED]
            await self.send({"type": "http.response.body", "body": part, "more_body": True})
            if self.connection.is_gone:
                raise ClientDisconnected

    async def end(self) -> None:
        """Ends the body in good order."""
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def cut(self) -> None:
        """Closes the connection although the body is not over."""
        await self.connection.flush()
        self.connection.close()
        await self.disconnected()

    async def reset(self) -> None:
        """Resets the connection once what was sent has left."""
        await self.connection.flush()
        self.connection.reset()
        await self.disconnected()

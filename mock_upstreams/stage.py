"""The wire under an answer: sends it in pieces, and can also cut or reset the connection, which ASGI alone cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping

    from mock_upstreams.answers import Answer

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]

__all__ = ["CONNECTION", "Connection", "HungUpError", "Stage"]

CONNECTION = "mock_upstreams.connection"
"""The ASGI extension under which the server hands over its ``Connection``."""


class HungUpError(Exception):
    """The caller closed the connection before its request was whole."""


class Connection(Protocol):
    """What the server lets the player do to a connection."""

    async def flush(self) -> None:
        """Wait until all that was sent has left this process."""

    def close(self) -> None:
        """End the connection in good order (FIN), whatever was announced."""

    def reset(self) -> None:
        """Reset the connection (RST)."""


@dataclass(slots=True, eq=False)
class Stage:
    """One request's way in and out."""

    scope: Scope
    receive: Receive
    send: Send

    @property
    def connection(self) -> Connection:
        """The connection under the request."""
        connection: Connection = self.scope["extensions"][CONNECTION]
        return connection

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the request's body as it comes in. Raises HungUpError."""
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise HungUpError
            more = message.get("more_body", False)
            yield message.get("body", b"")

    async def hung_up(self) -> None:
        """Return when the connection is gone. Only after the whole body was read."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    async def start(self, answer: Answer, length: int | None) -> None:
        """Send status and headers; ``length`` is announced, ``None`` makes the body chunked."""
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        if length is not None:
            pairs.append((b"content-length", str(length).encode()))
        await self.send({"type": "http.response.start", "status": answer.status, "headers": pairs})

    async def put(self, piece: bytes) -> None:
        """Send a piece of the body."""
        await self.send({"type": "http.response.body", "body": piece, "more_body": True})

    async def end(self) -> None:
        """End the body in good order."""
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})

    async def cut(self) -> None:
        """Close the connection although the body is not over."""
        await self.connection.flush()
        self.connection.close()
        await self.hung_up()

    async def reset(self) -> None:
        """Reset the connection once what was sent has left."""
        await self.connection.flush()
        self.connection.reset()
        await self.hung_up()

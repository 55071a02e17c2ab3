"""A request of an operation, as the server hands it over, and the response to it.

Plainer than the framework's own, which cost as much as all that an operation does.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from msgspec import Struct, field

from reference_server.asgi import Receive, Scope, Send
from reference_server.contract import Contract
from reference_server.errors import GatewayError, body_of


class Incoming:
    """Headers and body of one request. Of a header that was sent several times, the first counts."""

    __slots__ = ("_headers", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self._headers: dict[bytes, bytes] = dict(reversed(scope["headers"]))

    def header(self, name: bytes) -> str:
        """The value of a header by its name in lower case, empty where it was not sent."""
        return self._headers.get(name, b"").decode("latin-1")


class Reply(Struct, frozen=True):
    """A response. A body that comes in pieces is sent as it comes, and closed."""

    body: bytes | AsyncGenerator[bytes, None]
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @classmethod
    def of_error(cls, error: GatewayError, contract: Contract) -> Reply:
        """The envelope of an error, with the status that the contract gives it."""
        return cls(body_of(error), "application/json", error.headers, error.status or contract.status(error.situation))

    async def send(self, send: Send) -> None:
        """Sends it."""
        pairs = [(b"content-type", self.content_type.encode("latin-1"))]
        pairs += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items()]
        if isinstance(self.body, bytes):
            pairs.append((b"content-length", b"%d" % len(self.body)))
            await send({"type": "http.response.start", "status": self.status, "headers": pairs})
            await send({"type": "http.response.body", "body": self.body, "more_body": False})
            return
        await send({"type": "http.response.start", "status": self.status, "headers": pairs})
        async with aclosing(self.body) as pieces:
            async for piece in pieces:
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

"""Takes note of what passes the gateway's edge, as the client sees it, in bounded memory.

Secrets are left out before anything is kept. What came without a valid token is kept without its bodies: nobody could
show that they are his.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec import Struct

from reference_server.asgi import App, Message, Receive, Scope, Send
from reference_server.errors import InvalidToken
from reference_server.tokens import Tokens

MOST_EXCHANGES = 200
MOST_BODY_BYTES = 2 * 1024 * 1024
MOST_BYTES = 48 * 1024 * 1024
_SECRETS = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"api-key", b"x-api-key"})
_HIDDEN = b"(not kept)"
_LONGEST_VALUE = 2000

Headers = list[tuple[bytes, bytes]]


class Body(Struct, eq=False):
    """The beginning of a body, at most `most` bytes of it, and the size of the whole."""

    most: int
    pieces: list[bytes] = []
    kept: int = 0
    size: int = 0

    def add(self, piece: bytes) -> int:
        """Takes what there is room for, and says how much that is. What is taken whole is not copied."""
        self.size += len(piece)
        if taken := piece[: max(0, self.most - self.kept)]:
            self.pieces.append(taken)
            self.kept += len(taken)
        return len(taken)

    @property
    def data(self) -> bytes:
        return b"".join(self.pieces)

    @property
    def is_whole(self) -> bool:
        return self.size == self.kept


class RecordedExchange(Struct, eq=False):
    """One request and its response so far. `revision` grows with every change; `holder` is the token's, None without."""

    number: int
    revision: int
    holder: str | None
    method: str
    path: str
    query: str
    started: float
    headers: Headers
    request: Body
    response: Body
    state: dict[str, Any]
    status: int | None = None
    response_headers: Headers = []
    received_s: float | None = None
    first_byte_s: float | None = None
    seconds: float | None = None

    @property
    def kept_bytes(self) -> int:
        return self.request.kept + self.response.kept


class Recorder:
    """The last exchanges, oldest first. Belongs to one event loop."""

    def __init__(self, tokens: Tokens, watches: Callable[[str, str], bool]) -> None:
        self.revision = 0
        self._tokens = tokens
        self._watches = watches
        self._exchanges: OrderedDict[int, RecordedExchange] = OrderedDict()
        self._numbers = 0
        self._kept_bytes = 0
        self._changed: asyncio.Event | None = None

    async def watch(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Has `app` serve the request, and takes note of what passes."""
        if not self._watches(scope["method"], scope["path"]):
            await app(scope, receive, send)
            return
        exchange, began = self._begun(scope), time.perf_counter()

        async def receiving() -> Message:
            message = await receive()
            if message["type"] == "http.request":
                self._keep(exchange.request, message.get("body", b""))
                if not message.get("more_body", False) and exchange.received_s is None:
                    exchange.received_s = time.perf_counter() - began
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.first_byte_s = time.perf_counter() - began
                exchange.status = message["status"]
                exchange.response_headers = _kept(message.get("headers", ()))
            else:
                self._keep(exchange.response, message.get("body", b""))
            await send(message)

        try:
            await app(scope, receiving, sending)
        finally:
            exchange.seconds = time.perf_counter() - began
            self._touch(exchange)

    def shown_to(self, holder: str, after: int = 0) -> Iterator[RecordedExchange]:
        """What changed after a revision: the holder's own exchanges, and those without a valid token."""
        return (each for each in self._exchanges.values() if each.revision > after and each.holder in {holder, None})

    def find(self, holder: str, number: int) -> RecordedExchange | None:
        """One exchange that the holder may see."""
        found = self._exchanges.get(number)
        return found if found is not None and found.holder in {holder, None} else None

    def clear(self, holder: str) -> None:
        """Forgets what the holder may see."""
        for each in list(self.shown_to(holder)):
            self._drop(each)
        self._advance()

    @property
    def change(self) -> asyncio.Event:
        """Set at the next change, from the moment on at which it is asked for."""
        if self._changed is None:
            self._changed = asyncio.Event()
        return self._changed

    def _begun(self, scope: Scope) -> RecordedExchange:
        holder = self._holder(scope)
        most = 0 if holder is None else MOST_BODY_BYTES
        self._numbers += 1
        exchange = RecordedExchange(
            number=self._numbers,
            revision=0,
            holder=holder,
            method=scope["method"],
            path=scope["path"][:_LONGEST_VALUE],
            query=scope["query_string"].decode("latin-1")[:_LONGEST_VALUE],
            started=time.time(),
            headers=_kept(scope["headers"]),
            request=Body(most),
            response=Body(most),
            state=scope.setdefault("state", {}),
        )
        self._exchanges[exchange.number] = exchange
        self._touch(exchange)
        return exchange

    def _holder(self, scope: Scope) -> str | None:
        try:
            return self._tokens.holder_of(scope)
        except InvalidToken:
            return None

    def _touch(self, exchange: RecordedExchange) -> None:
        self._advance()
        exchange.revision = self.revision
        self._make_room()

    def _advance(self) -> None:
        self.revision += 1
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    def _keep(self, body: Body, piece: bytes) -> None:
        self._kept_bytes += body.add(piece)

    def _make_room(self) -> None:
        """Drops the oldest; one that is still served is kept no further."""
        while len(self._exchanges) > MOST_EXCHANGES or (self._kept_bytes > MOST_BYTES and len(self._exchanges) > 1):
            self._drop(next(iter(self._exchanges.values())))

    def _drop(self, exchange: RecordedExchange) -> None:
        del self._exchanges[exchange.number]
        self._kept_bytes -= exchange.kept_bytes
        exchange.request.most = exchange.response.most = 0


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    return [(name, _HIDDEN if name.lower() in _SECRETS else value[:_LONGEST_VALUE]) for name, value in headers]

"""One request and its response, watched from outside. What holds for every one of them, and why, stands in `edge.py`."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from litestar.config.cors import CORSConfig
from msgspec.structs import replace

from reference_server.access_log import note, note_error
from reference_server.asgi import Message, Receive, Scope, Send
from reference_server.contract import Contract
from reference_server.deadlines import Deadlines
from reference_server.drain import Drain
from reference_server.errors import GatewayError
from reference_server.incoming import Reply

# An unread body up to this size keeps the connection alive; a longer one is dropped as far as the bounds go.
_KEEP_ALIVE_BYTES = 1024 * 1024
_LINGER_BYTES = 256 * 1024 * 1024
_LINGER_S = 5.0
# A client that sends no more is waiting for the response.
_SILENCE_S = 0.3
# Most requests are answered by then, and need nobody to watch for a client that goes away.
_AT_ONCE_S = 0.02
# For the log alone, as other servers write it: no response was sent.
_CLIENT_WENT_AWAY = 499


@dataclass(frozen=True, slots=True)
class Terms:
    """What all exchanges of a worker have in common."""

    drain: Drain
    contract: Contract
    cors: CORSConfig | None
    at_once: Deadlines = field(default_factory=lambda: Deadlines(_AT_ONCE_S))
    ids: random.Random = field(default_factory=random.Random)
    """Ids tell requests apart and are no secrets; each worker has its own seed."""


class Exchange:
    """One request and its response, watched from outside."""

    __slots__ = (
        *("abandoned", "due", "request_id", "scope", "started", "status"),
        *("_body_left", "_complete", "_handler", "_receive", "_send", "_terms", "_watch"),
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, terms: Terms) -> None:
        self.started = time.perf_counter()
        self.status = 0
        self.request_id = f"req_{terms.ids.getrandbits(128):032x}"
        self.scope = scope
        scope.setdefault("state", {})["request_id"] = self.request_id
        self._receive = receive
        self._send = send
        self._terms = terms
        self._body_left = _expects_body(self.scope["headers"])
        self._complete = False
        self._handler: asyncio.Task[Any] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.abandoned = False
        self.due = 0.0

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._body_left = 0
            if message["type"] == "http.request" and self._handler is None:
                self._handler = asyncio.current_task()
                self._terms.at_once.begin(self)
        return message

    def expire(self) -> None:
        """Watches for a client that goes away: its request is not answered at once."""
        self._watch = asyncio.get_running_loop().create_task(self._cancel_when_gone())

    async def _cancel_when_gone(self) -> None:
        """Waits, once the body is read, for the one message that can still come: that the client went away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass
        if self._handler is not None and not self._complete:
            self.abandoned = True
            self._handler.cancel()

    def stop_watching(self) -> None:
        """Ends the wait for a client that goes away."""
        self._terms.at_once.end(self)
        self._handler = None
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None  # it holds the exchange by its traceback, and would be held by it

    def give_up(self) -> None:
        """Takes note that nobody waits for the response any more. The cancellation was ours: it goes no further."""
        handler = asyncio.current_task()
        if handler is not None:
            handler.uncancel()
        self.status = _CLIENT_WENT_AWAY
        note(self.scope, reason="The client went away before the response.")

    async def send(self, message: Message) -> None:
        self._complete = message["type"] == "http.response.body" and not message.get("more_body", False)
        if message["type"] == "http.response.start":
            await self._send(self._headed(message))
        elif message["type"] == "http.response.body" and not message.get("more_body", False) and self._body_left:
            # All but the last byte of the response is out before the rest of the body is awaited. The last one waits: with
            # it the server takes the exchange for done and closes the connection, whatever still arrives.
            body = message.get("body", b"")
            await self._send({"type": "http.response.body", "body": body[:-1], "more_body": True})
            await self._linger()
            await self._send({"type": "http.response.body", "body": body[-1:], "more_body": False})
        else:
            await self._send(message)

    async def answer(self, error: GatewayError) -> None:
        """Answers without the framework."""
        note_error(self.scope, error)
        reply = Reply.of_error(error, self._terms.contract)
        await replace(reply, headers={**reply.headers, **_permission(self._terms.cors, self.scope)}).send(self.send)

    def _headed(self, message: Message) -> Message:
        self.status = message["status"]
        headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"x-request-id"]
        headers.append((b"x-request-id", self.request_id.encode()))
        closes = self._terms.drain.draining or self._body_left > _KEEP_ALIVE_BYTES
        if closes and all(name.lower() != b"connection" for name, _ in headers):
            headers.append((b"connection", b"close"))
        return {**message, "headers": headers}

    async def _linger(self) -> None:
        """Drops what still comes, within bounds."""
        dropped, ends = 0, asyncio.get_running_loop().time() + _LINGER_S
        with suppress(TimeoutError):
            while self._body_left and dropped < _LINGER_BYTES:
                silence = asyncio.get_running_loop().time() + _SILENCE_S
                async with asyncio.timeout_at(min(ends, silence)):
                    dropped += len((await self.receive()).get("body", b""))


def _permission(cors: CORSConfig | None, scope: Scope) -> dict[str, str]:
    """What lets a page of another origin read a response that the framework did not write."""
    origin = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"origin"), "")
    if cors is None or not origin or not cors.is_origin_allowed(origin):
        return {}
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} | cors.simple_headers


def _expects_body(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """Bytes of body that are to come, as far as the headers tell; a chunked one may be of any length."""
    for name, value in headers:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
        if name == b"transfer-encoding":
            return _LINGER_BYTES
    return 0

"""The outermost layer, around the framework: what must hold for EVERY response, whoever wrote it.

- a request id of the gateway's own, in the scope's state and on the response. A client's `X-Request-Id` is not taken
  over: two clients may send the same one, and an id in the log must name one request;
- 503 for every new request once draining began, and a count of those in flight;
- permission for pages of other origins, also on what the framework did not write;
- an envelope for whatever escapes the framework;
- an end of the work for a client that went away: the handler is cancelled, and with it the call to the provider;
- one log line, with the status that the client got;
- the rest of a body that nobody read is read and dropped within bounds before the response's last byte, because a socket
  closed with unread bytes is reset, and a reset can take the response away from a client that is still sending.

Contract: rulings, Statuses ("shutting down", "body over the limit") and Answers (`X-Request-Id`).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from litestar.config.cors import CORSConfig
from msgspec.structs import replace

from reference_server.access_log import note, note_error, record
from reference_server.asgi import App, Message, Receive, Scope, Send
from reference_server.contract import AUDIO_API, Contract
from reference_server.deadlines import Deadlines
from reference_server.errors import GatewayError, ShuttingDown
from reference_server.incoming import Reply
from reference_server.logs import REQUEST_ID

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
# Probes and scrapes are answered while draining: they ask about the server, not of it.
_PREFLIGHT = b"access-control-request-method"
_ANSWERED_WHILE_DRAINING = frozenset({"/healthz", "/readyz", "/metrics"})


class Drain:
    """Whether this worker takes new requests, and how many are in flight. `on_idle` runs when the last one is done."""

    def __init__(self) -> None:
        self.draining = False
        self.begun = asyncio.Event()
        self.in_flight = 0
        self.on_idle: Callable[[], None] = lambda: None

    def begin(self) -> None:
        """Begins to refuse new requests."""
        self.draining = True
        self.begun.set()
        if self.in_flight == 0:
            self.on_idle()

    def enter(self) -> None:
        self.in_flight += 1

    def leave(self) -> None:
        self.in_flight -= 1
        if self.draining and self.in_flight == 0:
            self.on_idle()


class Observer(Protocol):
    """Sees every exchange of the gateway from outside, as the client does."""

    async def watch(self, app: App, scope: Scope, receive: Receive, send: Send) -> None:
        """Has `app` serve the request, and takes note of what passes."""


@dataclass(frozen=True, slots=True)
class Annex:
    """An application beside the contract's, for the paths that it `takes`.

    It answers while the gateway drains too, and what it has in flight delays no shutdown.
    """

    takes: Callable[[str], bool]
    app: App


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there may be around the contract: applications beside it, who looks on, which pages of others may call."""

    annexes: Sequence[Annex] = ()
    observer: Observer | None = None
    cors: CORSConfig | None = None


_BARE = Surroundings()


class Edge:
    """An ASGI application around the framework's."""

    def __init__(
        self, app: App, drain: Drain, contract: Contract = AUDIO_API, surroundings: Surroundings = _BARE
    ) -> None:
        self.app = app
        self.drain = drain
        self.contract = contract
        self.cors = surroundings.cors
        self.at_once = Deadlines(_AT_ONCE_S)
        self.ids = random.Random()  # noqa: S311 - ids tell requests apart and are no secrets; each worker has its own seed
        self._surroundings = surroundings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif (annex := self._annex(scope["path"])) is not None:
            await annex.app(scope, receive, send)
        elif (observer := self._surroundings.observer) is None:
            await self._exchange(scope, receive, send)
        else:
            await observer.watch(self._exchange, scope, receive, send)

    def _annex(self, path: str) -> Annex | None:
        for each in self._surroundings.annexes:
            if each.takes(path):
                return each
        return None

    async def _exchange(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = _Exchange(scope, receive, send, self)
        outside = REQUEST_ID.set(exchange.request_id)
        if self.drain.draining and not _answered_while_draining(scope):
            await exchange.answer(ShuttingDown())
        else:
            await self._serve(exchange)
        record(exchange.scope, exchange.status, time.perf_counter() - exchange.started)
        REQUEST_ID.reset(outside)

    async def _serve(self, exchange: _Exchange) -> None:
        self.drain.enter()
        try:
            await self.app(exchange.scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            if not exchange.abandoned:
                raise
            exchange.give_up()
        except Exception:  # noqa: BLE001 - the framework answers its own errors; nothing may escape to the server's plain page
            if exchange.status == 0:
                await exchange.answer(GatewayError("The gateway failed to answer this request."))
        finally:
            exchange.stop_watching()
            self.drain.leave()


def _answered_while_draining(scope: Scope) -> bool:
    """Probes; and a browser's question before a request, or the page could never read the 503."""
    if scope["path"] in _ANSWERED_WHILE_DRAINING:
        return True
    return scope["method"] == "OPTIONS" and any(name == _PREFLIGHT for name, _ in scope["headers"])


class _Exchange:
    """One request and its response, watched from outside."""

    __slots__ = (
        *(
            "_body_left",
            "_complete",
            "_contract",
            "_cors",
            "_drain",
            "_handler",
            "_receive",
            "_send",
            "_soon",
            "_watch",
        ),
        *("abandoned", "due", "request_id", "scope", "started", "status"),
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send, edge: Edge) -> None:
        self.started = time.perf_counter()
        self.status = 0
        self.request_id = f"req_{edge.ids.getrandbits(128):032x}"
        self.scope = scope
        scope.setdefault("state", {})["request_id"] = self.request_id
        self._receive = receive
        self._send = send
        self._drain = edge.drain
        self._contract = edge.contract
        self._cors = edge.cors
        self._body_left = _expects_body(self.scope["headers"])
        self._complete = False
        self._soon = edge.at_once
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
                self._soon.begin(self)
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
        self._soon.end(self)
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
        reply = Reply.of_error(error, self._contract)
        await replace(reply, headers={**reply.headers, **_permission(self._cors, self.scope)}).send(self.send)

    def _headed(self, message: Message) -> Message:
        self.status = message["status"]
        headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"x-request-id"]
        headers.append((b"x-request-id", self.request_id.encode()))
        closes = self._drain.draining or self._body_left > _KEEP_ALIVE_BYTES
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

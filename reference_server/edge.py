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
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from litestar.config.cors import CORSConfig

from reference_server.access_log import record
from reference_server.asgi import App, Receive, Scope, Send
from reference_server.contract import AUDIO_API, Contract
from reference_server.drain import Drain
from reference_server.errors import GatewayError, ShuttingDown
from reference_server.exchange import Exchange, Terms
from reference_server.logs import REQUEST_ID

# Probes and scrapes are answered while draining: they ask about the server, not of it.
_PREFLIGHT = b"access-control-request-method"
_ANSWERED_WHILE_DRAINING = frozenset({"/healthz", "/readyz", "/metrics"})


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
        self._terms = Terms(drain, contract, surroundings.cors)
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
        exchange = Exchange(scope, receive, send, self._terms)
        outside = REQUEST_ID.set(exchange.request_id)
        if self.drain.draining and not _answered_while_draining(scope):
            await exchange.answer(ShuttingDown())
        else:
            await self._serve(exchange)
        record(exchange.scope, exchange.status, time.perf_counter() - exchange.started)
        REQUEST_ID.reset(outside)

    async def _serve(self, exchange: Exchange) -> None:
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

"""The playground as an ASGI application: its files, what the page has to know, and the inspector behind the token."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import msgspec
import yaml

from reference_server.asgi import Receive, Scope, Send
from reference_server.config import Settings
from reference_server.contract import Contract
from reference_server.errors import GatewayError, UnknownPath, WrongMethod, body_of
from reference_server.playground.pages import POLICY, pages
from reference_server.playground.recorder import Headers, RecordedExchange, Recorder
from reference_server.requests import Operation
from reference_server.tokens import Tokens

_ROOT = "/playground"
_JSON = "application/json"
_MOST_WAIT_S = 25.0
_BODY = re.compile(rf"{_ROOT}/requests/(\d{{1,15}})/(request|response)\Z")
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cache-control": "no-store",
}


class Playground:
    """Serves `/` and what is below `/playground/`. `closing` is set when the server begins to drain."""

    def __init__(self, settings: Settings, tokens: Tokens, contract: Contract, closing: asyncio.Event) -> None:
        self._tokens = tokens
        self._contract = contract
        self._closing = closing
        self._pages = pages()
        base = settings.base_path
        self.recorder = Recorder(tokens, lambda method, path: _is_watched(base, method, path))
        self._about = msgspec.json.encode(_about(settings, contract))
        self._document: bytes | None = None

    def takes(self, path: str) -> bool:
        """Whether a path is the playground's."""
        return path in self._pages or path == _ROOT or path.startswith(f"{_ROOT}/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        reply = _Reply(scope, receive, send)
        try:
            await self._answer(scope, reply)
        except GatewayError as error:
            await reply.send(self._contract.status(error.situation), _JSON, body_of(error), error.headers)

    async def _answer(self, scope: Scope, reply: _Reply) -> None:
        path, method = scope["path"], scope["method"]
        if path == f"{_ROOT}/requests":
            await self._requests(scope, reply, method)
            return
        if method not in {"GET", "HEAD"}:
            raise WrongMethod({"Allow": "GET, HEAD"})
        if (page := self._pages.get(path)) is not None:
            await reply.send(200, page.media_type, page.body)
        elif path == f"{_ROOT}/about.json":
            await reply.send(200, _JSON, self._about)
        elif path == f"{_ROOT}/contract.json":
            await reply.send(200, _JSON, self._contract_document())
        elif (found := _BODY.match(path)) is not None:
            await self._body(scope, reply, int(found[1]), found[2])
        else:
            raise UnknownPath

    async def _requests(self, scope: Scope, reply: _Reply, method: str) -> None:
        holder = self._holder(scope)
        if method == "DELETE":
            self.recorder.clear(holder)
        elif method == "GET":
            query = parse_qs(scope["query_string"].decode("latin-1"))
            await self._wait(_number(query, "after"), min(_number(query, "wait_s"), _MOST_WAIT_S), reply)
        else:
            raise WrongMethod({"Allow": "GET, DELETE"})
        after = 0 if method == "DELETE" else _number(parse_qs(scope["query_string"].decode("latin-1")), "after")
        await reply.send(200, _JSON, self._listed(holder, after))

    def _listed(self, holder: str, after: int) -> bytes:
        recorder = self.recorder
        return msgspec.json.encode(
            {
                "revision": recorder.revision,
                "kept": [each.number for each in recorder.shown_to(holder)],
                "exchanges": [_as_document(each) for each in recorder.shown_to(holder, after)],
            }
        )

    async def _wait(self, after: int, seconds: float, reply: _Reply) -> None:
        """Until something changed after a revision, the time is over, the client went away, or the server closes."""
        if self.recorder.revision != after or self._closing.is_set() or not seconds:
            return
        waits = [self.recorder.change.wait(), self._closing.wait(), reply.disconnected()]
        tasks = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()

    async def _body(self, scope: Scope, reply: _Reply, number: int, side: str) -> None:
        found = self.recorder.find(self._holder(scope), number)
        if found is None:
            raise UnknownPath
        body = found.request if side == "request" else found.response
        # Never shown as what it claims to be: the page reads its bytes.
        await reply.send(200, "application/octet-stream", body.data, {"Content-Disposition": "attachment"})

    def _holder(self, scope: Scope) -> str:
        return self._tokens.holder_of(scope)

    def _contract_document(self) -> bytes:
        """The contract as JSON, which a browser can read. Made when it is first asked for."""
        if self._document is None:
            self._document = msgspec.json.encode(yaml.safe_load(self._contract.document_bytes()))
        return self._document


class _Reply:
    """The way back to one client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._method = scope["method"]
        self._receive = receive
        self._send = send

    async def send(self, status: int, media_type: str, body: bytes, more: Mapping[str, str] | None = None) -> None:
        """Sends a whole response."""
        own = {"content-type": media_type, "content-length": str(len(body)), "vary": "Authorization"}
        headers = {**_HEADERS, **own, **(more or {})}
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        await self._send({"type": "http.response.start", "status": status, "headers": pairs})
        await self._send({"type": "http.response.body", "body": b"" if self._method == "HEAD" else body})

    async def disconnected(self) -> None:
        """Returns when the client went away."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _is_watched(base_path: str, method: str, path: str) -> bool:
    """All that clients ask of the contract; not the list of models, which the page itself asks for all the time."""
    return method != "OPTIONS" and path.startswith(f"{base_path}/") and path != f"{base_path}/models"


def _about(settings: Settings, contract: Contract) -> dict[str, Any]:
    return {
        "base_path": settings.base_path,
        "paths": {operation.value: contract.paths[operation] for operation in Operation},
        "max_upload_bytes": settings.max_upload_bytes,
    }


def _number(query: Mapping[str, list[str]], name: str) -> int:
    text = query.get(name, ["0"])[-1]
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else 0


def _as_document(exchange: RecordedExchange) -> dict[str, Any]:
    facts = exchange.state.get("facts", {})
    return {
        "number": exchange.number,
        "request_id": exchange.state.get("request_id"),
        "authenticated": exchange.holder is not None,
        "method": exchange.method,
        "path": exchange.path,
        "query": exchange.query,
        "started": exchange.started,
        "status": exchange.status,
        "over": exchange.seconds is not None,
        "model": facts.get("model"),
        "provider": facts.get("provider"),
        "error": facts.get("error"),
        "reason": facts.get("reason"),
        "received_s": exchange.received_s,
        "first_byte_s": exchange.first_byte_s,
        "seconds": exchange.seconds,
        "request": _side(exchange.headers, exchange.request.size, whole=exchange.request.is_whole),
        "response": _side(exchange.response_headers, exchange.response.size, whole=exchange.response.is_whole),
    }


def _side(headers: Headers, size: int, *, whole: bool) -> dict[str, Any]:
    pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
    return {"headers": pairs, "size": size, "whole": whole}

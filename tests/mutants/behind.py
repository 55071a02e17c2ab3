"""Faults at the provider's side of a gateway: what it asks, what it makes of the answer, and the call on the wire."""

from __future__ import annotations

import io
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx
from msgspec.structs import replace

from reference_server.asgi import App, Message, Receive, Scope, Send
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.upstreams import Adapter, ProviderFailed, SpeechResponse, TranscriptResponse
from reference_server.upstreams.connections import Content, OpenResponse, WholeResponse, read
from tests.mutants.conditions import When
from tests.mutants.edge import answers
from tests.mutants.exchange import Answer, Asked, Part, asked_of
from tests.mutants.fault import Fault, Forward

Order = SpeechRequest | TranscriptionRequest
ROUTE_OF = {"synthesize": "speech", "transcribe": "transcriptions", "translate": "translations"}


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider answered: an HTTP status with its media type and body, or how it failed to (`trouble`).

    `body_s` is how long the body took from the headers on.
    """

    status: int
    media_type: str = ""
    body: bytes = b""
    trouble: str = ""
    body_s: float = 0.0


@dataclass(slots=True)
class Way:
    """One request's way through a mutated gateway: what the client sent so far, and what providers told."""

    scope: Scope
    body: bytearray = field(default_factory=bytearray)
    told: list[Told] = field(default_factory=list)

    @property
    def asked(self) -> Asked:
        return asked_of(self.scope, 0, bytes(self.body))


_WAY: ContextVar[Way] = ContextVar("way")


def remembering(app: App) -> App:
    """Outermost around every gateway here: lets the provider's side know whose request it works for."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        current = Way(scope)
        _WAY.set(current)

        async def noted() -> Message:
            message = await receive()
            current.body += message.get("body", b"")
            return message

        await app(scope, noted, send)

    return wrapped


def way() -> Way:
    return _WAY.get()


Call = Callable[[Order], Awaitable[Any]]


def calls(around: Callable[[str, Order, Call], Awaitable[Any]]) -> Fault:
    """Wraps every call of an adapter: `around(route, order, call)`."""
    return Fault(upstreams=(lambda inner: _Wrapped(inner, around),))


def orders(change: Callable[[Any], Any], *routes: str) -> Fault:
    """Changes what the adapter is asked, on these routes."""

    async def around(route: str, order: Order, call: Call) -> Any:
        return await call(change(order) if route in routes else order)

    return calls(around)


def order_fields(*routes: str, **fields: Callable[[Any], Any]) -> Fault:
    """Changes fields of the order that are not None."""

    def change(order: Any) -> Any:
        present = {name: getattr(order, name, None) for name in fields}
        return replace(order, **{name: fields[name](value) for name, value in present.items() if value is not None})

    return orders(change, *routes)


def recordings(change: Callable[[bytes], bytes], *routes: str, of: Callable[[Order], Any] = bool) -> Fault:
    """Changes the uploads that are sent on, where the order passes the test."""

    def changed(order: Any) -> Any:
        if not of(order):
            return order
        data = change(order.audio.read())
        return replace(order, audio=replace(order.audio, file=io.BytesIO(data), size=len(data)))

    return orders(changed, *routes)


def names(*routes: str, **fields: Callable[[str], str]) -> Fault:
    """Changes the file name or the media type of the uploads that are sent on."""

    def changed(order: Any) -> Any:
        new = {name: change(getattr(order.audio, name)) for name, change in fields.items()}
        return replace(order, audio=replace(order.audio, **new))

    return orders(changed, *routes)


def spoken_calls(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Fault:
    """Changes the JSON body of the call for speech as it is sent."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        if not request.url.path.endswith("/audio/speech"):
            return await forward(request)
        content = json.dumps(change(json.loads(await request.aread()))).encode()
        unframed = {name: value for name, value in request.headers.items() if name != "content-length"}
        return await forward(httpx.Request("POST", request.url, headers=unframed, content=content))

    return Fault(wire=(wire,))


def heard_calls(change: Callable[[list[Part]], list[Part]]) -> Fault:
    """Changes the parts of the form that a transcript call sends."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        content_type = request.headers.get("content-type", "")
        if not content_type.startswith("multipart/"):
            return await forward(request)
        form = Asked(0, "POST", "", b"", (("content-type", content_type),), await request.aread())
        new = form.with_parts(change(list(form.parts)))
        kept = {
            name: value for name, value in request.headers.items() if name not in {"content-length", "content-type"}
        }
        headers = {**kept, "content-type": new.header("content-type") or ""}
        return await forward(httpx.Request("POST", request.url, headers=headers, content=new.body))

    return Fault(wire=(wire,))


def documents(change: Callable[[dict[str, Any]], dict[str, Any]], *routes: str) -> Fault:
    """Changes the provider's transcripts, on these routes."""

    async def around(route: str, order: Order, call: Call) -> Any:
        found = await call(order)
        return TranscriptResponse(change(found.document)) if route in routes else found

    return calls(around)


def sounds(change: Callable[[SpeechRequest, SpeechResponse], SpeechResponse]) -> Fault:
    """Changes the provider's audio."""

    async def around(route: str, order: Any, call: Call) -> Any:
        found = await call(order)
        return change(order, found) if route == "speech" else found

    return calls(around)


class _Wrapped:
    """An adapter around an adapter."""

    def __init__(self, inner: Adapter, around: Callable[[str, Order, Call], Awaitable[Any]]) -> None:
        self._inner = inner
        self._around = around

    async def synthesize(self, request: SpeechRequest) -> Any:
        return await self._around("speech", request, self._inner.synthesize)

    async def transcribe(self, request: TranscriptionRequest) -> Any:
        return await self._around("transcriptions", request, self._inner.transcribe)

    async def translate(self, request: TranscriptionRequest) -> Any:
        return await self._around("translations", request, self._inner.translate)

    async def close(self) -> None:
        await self._inner.close()


def on_wire(change: Callable[[httpx.Request], None]) -> Fault:
    """Changes the gateway's call to its provider just before it is sent."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        change(request)
        return await forward(request)

    return Fault(wire=(wire,))


def from_provider(change: Callable[[httpx.Response], httpx.Response]) -> Fault:
    """Changes the provider's answer just before the gateway sees it."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        return change(await forward(request))

    return Fault(wire=(wire,))


def misreports(provider: Callable[[Told], Any], as_: Callable[[Asked, Answer], Answer], when: When) -> Fault:
    """Answers otherwise when the provider's last answer was such."""
    told = When(lambda _, __: bool(way().told) and bool(provider(way().told[-1])))
    return answers(as_, when & told)


class Transport(httpx.AsyncBaseTransport):
    """Carries an adapter's calls to its provider through a fault's wires, and notes what the provider told."""

    def __init__(self, wires: tuple[Any, ...]) -> None:
        self._real = httpx.AsyncHTTPTransport(verify=False, limits=httpx.Limits(keepalive_expiry=3.0))
        self._forward: Forward = self._send
        for wire in wires:
            self._forward = _through(wire, self._forward)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._forward(request)

    async def aclose(self) -> None:
        await self._real.aclose()

    async def handed_on(self, request: httpx.Request) -> httpx.Response:
        """The provider's response whose body is still to come; what it tells is noted by its head alone."""
        try:
            response = await self._real.handle_async_request(request)
        except BaseException as error:
            _note(None, b"", type(error).__name__, time.monotonic())
            raise
        _note(response, b"", "", time.monotonic())
        return response

    async def _send(self, request: httpx.Request) -> httpx.Response:
        received = bytearray()
        response = None
        began = time.monotonic()
        try:
            response = await self._real.handle_async_request(request)
            began = time.monotonic()
            async for chunk in response.stream:
                received += chunk
            await response.stream.aclose()
        except BaseException as error:
            _note(response, bytes(received), type(error).__name__, began)
            raise
        _note(response, bytes(received), "", began)
        return httpx.Response(response.status_code, headers=_framed(response), content=bytes(received))


def _through(wire: Any, forward: Forward) -> Forward:
    return lambda request: wire(request, forward)


def _framed(response: httpx.Response) -> list[tuple[str, str]]:
    unframed = {"content-length", "transfer-encoding"}
    return [(name, value) for name, value in response.headers.multi_items() if name not in unframed]


def _note(response: httpx.Response | None, body: bytes, trouble: str, began: float) -> None:
    status = 0 if response is None else response.status_code
    media_type = "" if response is None else response.headers.get("content-type", "")
    told = Told(status, media_type.partition(";")[0].lower(), body, trouble, time.monotonic() - began)
    way().told.append(told)


class _TransportConnections:
    """What is carried by an httpx transport: a gateway's calls, where a wire can change them."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        unbounded = httpx.Timeout(None)  # each call is bounded from outside
        self._client = httpx.AsyncClient(transport=transport, timeout=unbounded, trust_env=False)

    async def post(self, url: str, headers: dict[str, str], content: Content) -> WholeResponse:
        response = await self.open(url, headers, content)
        try:
            return WholeResponse(response.status, response.headers, await read(response))
        finally:
            await response.close()

    async def open(self, url: str, headers: dict[str, str], content: Content) -> OpenResponse:
        data = content if isinstance(content, bytes) else content.body()
        request = self._client.build_request("POST", url, headers=headers, content=data)
        try:
            return _TransportResponse(await self._client.send(request, stream=True))
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        await self._client.aclose()


class _TransportResponse:
    """A response of httpx's."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_bytes():
                yield piece
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        await self._response.aclose()


class _HandingOn(httpx.AsyncBaseTransport):
    """Carries calls whose responses must flow: no wire can be between."""

    def __init__(self) -> None:
        self._transport = Transport(())

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handed_on(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


def fit(upstream: Any, wires: tuple[Any, ...], *, flowing: bool = False) -> None:
    """Puts mutated connections under an HTTP adapter of the reference server; one without a wire is left as it is.

    `flowing`: responses pass as they come, as a gateway that hands on needs it.
    """
    carrier = getattr(upstream, "_http", None)
    if carrier is None:
        return
    carrier._connections = _TransportConnections(_HandingOn() if flowing and not wires else Transport(wires))
    if flowing:  # what is handed on is never decoded, so nothing is asked for in a coding
        carrier._connections._client.headers.clear()

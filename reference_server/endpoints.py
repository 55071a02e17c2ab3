"""The operations. Each reads like a request's way: token, decode, route, limits, adapter, response.

Contract: Speech, Transcriptions, Translations; rulings, Order of judgement.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from msgspec.structs import replace

from reference_server.access_log import note, note_error
from reference_server.asgi import App, Receive, Scope, Send
from reference_server.decoding import speech_request, transcription_request, translation_request
from reference_server.drain import Drain
from reference_server.errors import GatewayError, NotReady, ShuttingDown, UnknownModel, WrongMethod
from reference_server.gateway import Gateway
from reference_server.incoming import Incoming, Reply
from reference_server.limits import LimitStoreUnavailable
from reference_server.logs import log
from reference_server.metrics import Count
from reference_server.requests import Operation, SpeechRequest, TranscriptionRequest
from reference_server.routing import Route
from reference_server.upstreams import MOCK_TRANSCRIPT
from reference_server.upstreams.handing_on import body_of, headers_of, is_small_document
from reference_server.usage_headers import usage_headers, usage_headers_of

AnyRequest = Request[Any, Any, Any]
# Ours already: Litestar need not validate them for every request.
TheGateway = NamedDependency[SkipValidation[Gateway]]
TheDrain = NamedDependency[SkipValidation[Drain]]
Serve = Callable[[Incoming, Gateway], Awaitable[Reply]]

_ALLOWED = "OPTIONS, POST"


def operations(gateway: Gateway, base_path: str) -> Mapping[str, App]:
    """The three operations, each an application of its own, by the paths that the contract gives them below the base."""
    functions = {
        Operation.SPEECH: speech,
        Operation.TRANSCRIPTION: transcription,
        Operation.TRANSLATION: translation,
    }
    paths = {operation: base_path + path for operation, path in gateway.contract.paths.items()}
    return {path: _application(path, functions[operation], gateway) for operation, path in paths.items()}


def _application(path: str, serve: Serve, gateway: Gateway) -> App:
    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "OPTIONS":
            await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", _ALLOWED.encode())]})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        with Count(scope["method"], path) as count:
            reply = await _served(serve, Incoming(scope, receive), gateway)
            count.status = reply.status
            await reply.send(send)

    return handle


async def _served(serve: Serve, request: Incoming, gateway: Gateway) -> Reply:
    """The response to a call, whatever becomes of it."""
    try:
        if request.scope["method"] != "POST":
            raise WrongMethod({"Allow": _ALLOWED})  # noqa: TRY301 - an error like the others
        return await serve(request, gateway)
    except GatewayError as error:
        note_error(request.scope, error)
        return Reply.of_error(error, gateway.contract)
    except Exception as error:  # noqa: BLE001 - nothing may escape to the server's plain page
        log("error", "unforeseen error", raised=error)
        failure = GatewayError("The gateway failed to answer this request.")
        note_error(request.scope, failure)
        return Reply.of_error(failure, gateway.contract)


async def speech(request: Incoming, gateway: Gateway) -> Reply:
    """Text in, audio out."""
    holder = gateway.tokens.holder_of(request.scope)
    decoded = await speech_request(request, gateway.bounds, gateway.contract)
    route = _resolve(request, gateway, holder, decoded.model, Operation.SPEECH)
    async with await gateway.admitted(holder, route, gateway.usage_of_speech(decoded)):
        if gateway.hands_on(route):
            return await _handed_on(gateway, route, Operation.SPEECH, replace(decoded, model=route.target))
        audio = await gateway.adapter(route).synthesize(replace(decoded, model=route.target))
    return Reply(audio.data, audio.media_type)


async def transcription(request: Incoming, gateway: Gateway) -> Reply:
    """A recording in, its transcript out."""
    holder = gateway.tokens.holder_of(request.scope)
    decoded = await transcription_request(request, gateway.bounds, gateway.contract)
    return await _transcript(request, gateway, holder, decoded, Operation.TRANSCRIPTION)


async def translation(request: Incoming, gateway: Gateway) -> Reply:
    """A recording in, its transcript in English out."""
    holder = gateway.tokens.holder_of(request.scope)
    decoded = await translation_request(request, gateway.bounds, gateway.contract)
    return await _transcript(request, gateway, holder, decoded, Operation.TRANSLATION)


async def _transcript(
    request: Incoming, gateway: Gateway, holder: str, decoded: TranscriptionRequest, operation: Operation
) -> Reply:
    try:
        route = _resolve(request, gateway, holder, decoded.model, operation)
        async with await gateway.admitted(holder, route, await gateway.usage_of_audio(decoded)):
            if gateway.hands_on(route):
                return await _handed_on(gateway, route, operation, replace(decoded, model=route.target))
            transcribe = gateway.adapter(route).of(operation)
            transcript = await transcribe(replace(decoded, model=route.target))
    finally:
        decoded.audio.close()
    document = transcript.document
    headers: dict[str, str] = usage_headers(document) if gateway.contract.tells_usage else {}
    if transcript.source is not None:
        headers[MOCK_TRANSCRIPT] = transcript.source
    if decoded.response_format in gateway.contract.plain_formats:
        return Reply(document["text"].encode(), "text/plain; charset=utf-8", headers)
    if (member := gateway.contract.request_id_member) is not None:
        document = {**document, member: request.scope["state"]["request_id"]}
    return Reply(msgspec.json.encode(document), "application/json", headers)


async def _handed_on(
    gateway: Gateway, route: Route, operation: Operation, request: SpeechRequest | TranscriptionRequest
) -> Reply:
    """What the provider responds, piece by piece as it comes; a small document whole, so that headers tell its usage."""
    adapter = gateway.adapter(route)
    relayed = await adapter.relay(operation, request)
    headers = headers_of(relayed)
    label = headers.pop("content-type", "application/octet-stream")
    if gateway.contract.tells_usage and is_small_document(relayed):
        body = await adapter.read(relayed)
        return Reply(body, label, headers | usage_headers_of(body))
    return Reply(body_of(relayed, adapter.time.seconds), label, headers)


def _resolve(request: Incoming, gateway: Gateway, holder: str, key: str, operation: Operation) -> Route:
    note(request.scope, token=holder)
    route = gateway.routes.resolve(key, operation)
    note(request.scope, model=route.model_key, provider=route.provider)
    return route


@get("/models", sync_to_thread=False)
def models(request: AnyRequest, gateway: TheGateway) -> dict[str, Any]:
    """The model keys in the shape of OpenAI's list, each with the operations that it serves. Needs a token."""
    gateway.tokens.holder_of(cast("Scope", request.scope))
    return {"object": "list", "data": [_listed(*each) for each in gateway.routes.served().items()]}


@get("/models/{key:path}", sync_to_thread=False)
def model(request: AnyRequest, gateway: TheGateway, key: FromPath[str]) -> dict[str, Any]:
    """One model key, as the list has it. Needs a token."""
    gateway.tokens.holder_of(cast("Scope", request.scope))
    name, served = key.removeprefix("/"), gateway.routes.served()
    if name not in served:
        raise UnknownModel(name, "any operation", tuple(served))
    return _listed(name, served[name])


def _listed(key: str, served: tuple[Operation, ...]) -> dict[str, Any]:
    return {"id": key, "object": "model", "created": 0, "owned_by": "gateway", "operations": sorted(served)}


@get("/openapi.yaml", media_type="application/yaml", sync_to_thread=False)
def contract_document(gateway: TheGateway) -> bytes:
    """The contract that this server keeps."""
    return gateway.contract.document_bytes()


@get("/healthz", sync_to_thread=False)
def health() -> dict[str, str]:
    """Whether the process lives; true while draining too."""
    return {"status": "ok"}


@get("/readyz")
async def readiness(gateway: TheGateway, drain: TheDrain) -> dict[str, str]:
    """Whether new requests are served: 503 from the moment that draining begins."""
    if drain.draining:
        raise ShuttingDown
    try:
        await gateway.limiter.ping()
    except LimitStoreUnavailable:
        raise NotReady from None
    return {"status": "ready"}

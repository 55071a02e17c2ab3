"""The operations. Each reads like a request's way: token, decode, route, limits, upstream, answer.

Contract: Speech, Transcriptions, Translations; rulings, Order of judgement.
"""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from msgspec.structs import replace

from reference_server.contract import openapi_yaml
from reference_server.decoding import speech_request, transcription_request, translation_request
from reference_server.edge import Drain
from reference_server.errors import NotReady, ShuttingDown
from reference_server.gateway import Gateway
from reference_server.limits import LimitStoreUnavailable
from reference_server.observability import note
from reference_server.requests import Operation, TranscriptionRequest
from reference_server.routing import Route

AnyRequest = Request[Any, Any, Any]
# Ours already: Litestar need not validate them for every request.
TheGateway = NamedDependency[SkipValidation[Gateway]]
TheDrain = NamedDependency[SkipValidation[Drain]]

_CONTRACT = openapi_yaml()


@post("/audio/speech", status_code=200)
async def speech(request: AnyRequest, gateway: TheGateway) -> Response[bytes]:
    """Text in, audio out."""
    holder = gateway.tokens.holder(request.headers.get("authorization"))
    order = await speech_request(request, gateway.bounds)
    route = _resolve(request, gateway, holder, order.model, Operation.SPEECH)
    async with gateway.admitted(holder, route, gateway.usage_of_speech(order)):
        answer = await gateway.provider(route).speak(replace(order, model=route.target))
    return Response(answer.data, media_type=answer.media_type)


@post("/audio/transcriptions", status_code=200)
async def transcriptions(request: AnyRequest, gateway: TheGateway) -> Response[bytes]:
    """A recording in, its words out."""
    holder = gateway.tokens.holder(request.headers.get("authorization"))
    order = await transcription_request(request, gateway.bounds)
    return await _heard(request, gateway, holder, order, Operation.TRANSCRIPTION)


@post("/audio/translations", status_code=200)
async def translations(request: AnyRequest, gateway: TheGateway) -> Response[bytes]:
    """A recording in, its words in English out."""
    holder = gateway.tokens.holder(request.headers.get("authorization"))
    order = await translation_request(request, gateway.bounds)
    return await _heard(request, gateway, holder, order, Operation.TRANSLATION)


async def _heard(
    request: AnyRequest, gateway: Gateway, holder: str, order: TranscriptionRequest, operation: Operation
) -> Response[bytes]:
    try:
        route = _resolve(request, gateway, holder, order.model, operation)
        async with gateway.admitted(holder, route, await gateway.usage_of_audio(order)):
            document = await gateway.provider(route).hear(operation, replace(order, model=route.target))
    finally:
        order.audio.close()
    answer = {**document, "request_id": request.scope["state"]["request_id"]}
    return Response(msgspec.json.encode(answer), media_type=MediaType.JSON)


def _resolve(request: AnyRequest, gateway: Gateway, holder: str, key: str, operation: Operation) -> Route:
    note(request.scope, token=holder)
    route = gateway.routes.resolve(key, operation)
    note(request.scope, model=route.model_key, provider=route.provider)
    return route


@get("/openapi.yaml", media_type="application/yaml", sync_to_thread=False)
def contract() -> bytes:
    """The contract that this server keeps."""
    return _CONTRACT


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

"""Assembles the gateway: settings in, ASGI application out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar, Request, Response, Router, asgi
from litestar.config.cors import CORSConfig
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, Middleware

from reference_server import endpoints
from reference_server.access_log import note_error
from reference_server.asgi import App
from reference_server.config import Settings
from reference_server.contract import CONTRACTS, Contract
from reference_server.drain import Drain
from reference_server.edge import Annex, Edge, Surroundings
from reference_server.errors import GatewayError, InvalidRequest, UnknownPath, WrongMethod, body_of
from reference_server.gateway import Gateway, build_gateway
from reference_server.logs import log, set_level, write_out
from reference_server.metrics import Metrics, counted
from reference_server.playground import Playground
from reference_server.short_way import ShortWay
from reference_server.upstreams import MOCK_TRANSCRIPT, Adapter


def create_app(
    settings: Settings, adapters: Mapping[str, Adapter] | None = None, contract: Contract | None = None
) -> Edge:
    """The whole gateway as an ASGI application, for any server. Cheap: nothing is connected yet.

    `adapters` replaces the adapter of a provider, by the provider's name, and `contract` that of the settings.
    `app.drain.begin()` starts refusing new requests with 503. Raises ConfigError when a provider's options are wrong.
    """
    set_level(settings.log_level)
    contract = contract or CONTRACTS[settings.contract]
    gateway, drain, cors = build_gateway(settings, adapters, contract), Drain(), _cors(settings)
    playground = Playground(settings, gateway.tokens, contract, drain.begun) if settings.playground else None
    operations = endpoints.operations(gateway, settings.base_path)
    models = Router(
        settings.base_path or "/",
        route_handlers=[endpoints.models, endpoints.model],
        middleware=[cast("Middleware", counted)],
    )
    routes = [asgi(path, copy_scope=False)(cast("ASGIApp", app)) for path, app in operations.items()]
    framework = Litestar(
        route_handlers=[*routes, models, endpoints.contract_document, endpoints.health, endpoints.readiness, Metrics],
        dependencies={
            "gateway": Provide(lambda: gateway, sync_to_thread=False),
            "drain": Provide(lambda: drain, sync_to_thread=False),
        },
        exception_handlers=_exception_handlers(contract),
        lifespan=[lambda _: _closing(gateway)],
        openapi_config=None,
        cors_config=cors,
        # Bodies are bounded where they are read, by what the operation allows.
        request_max_body_size=None,
        logging_config=None,  # Litestar's own would set up logging for the whole process
    )
    controls = [Annex(_is_control, control) for control in gateway.controls]
    annexes = [*controls, *([] if playground is None else [Annex(playground.takes, playground)])]
    surroundings = Surroundings(annexes, None if playground is None else playground.recorder, cors)
    return Edge(ShortWay(operations, cast("App", framework)), drain, contract, surroundings)


def _is_control(path: str) -> bool:
    return path == "/_mock" or path.startswith("/_mock/")


def _cors(settings: Settings) -> CORSConfig | None:
    if settings.cors is None:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors.allow_origins),
        allow_methods=["GET", "POST"],
        allow_headers=["*"],
        expose_headers=["X-Request-Id", "Retry-After", "Content-Length", MOCK_TRANSCRIPT],
        max_age=settings.cors.max_age_s,
    )


@asynccontextmanager
async def _closing(gateway: Gateway) -> AsyncIterator[None]:
    yield
    await gateway.close()
    write_out()


def _exception_handlers(contract: Contract) -> dict[Any, Any]:
    """What is raised while a request is handled, as a response with the status that the contract gives it."""

    def foreseen(request: Request[Any, Any, Any], error: GatewayError) -> Response[bytes]:
        note_error(request.scope, error)
        status = error.status or contract.status(error.situation)
        return Response(body_of(error), status_code=status, media_type="application/json", headers=error.headers)

    def of_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
        if error.status_code >= 500:
            return unforeseen(request, error)
        return foreseen(request, _in_our_words(error))

    def unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        log("error", "unforeseen error", raised=error)
        return foreseen(request, GatewayError("The gateway failed to answer this request."))

    return {GatewayError: foreseen, HTTPException: of_framework, Exception: unforeseen}


def _in_our_words(error: HTTPException) -> GatewayError:
    if error.status_code == 404:
        return UnknownPath()
    if error.status_code == 405:
        return WrongMethod(error.headers or {})
    return InvalidRequest("The request is malformed.")

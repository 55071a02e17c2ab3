"""Assembles the gateway: settings in, ASGI application out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import structlog
from litestar import Litestar, Request, Response, Router
from litestar.di import Provide
from litestar.exceptions import HTTPException

from reference_server import endpoints
from reference_server.edge import Drain, Edge
from reference_server.errors import GatewayError, body_of, envelope
from reference_server.gateway import build_gateway
from reference_server.observability import Metrics, logging_plugin, metrics_middleware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from reference_server.asgi import App
    from reference_server.config import Settings
    from reference_server.gateway import Gateway
    from reference_server.upstreams import Upstream

_log = structlog.get_logger("reference_server")

# What the framework itself refuses, in our words: status -> (code, message).
_FRAMEWORK_ERRORS = {
    404: ("not_found", "There is nothing at this path. See /openapi.yaml for what there is."),
    405: ("method_not_allowed", "This path does not take that method. See the header Allow."),
    413: ("request_too_large", "The request body is larger than this gateway takes."),
}


def create_app(settings: Settings, upstreams: Mapping[str, Upstream] | None = None) -> Edge:
    """The whole gateway as an ASGI application, for any server. Cheap: nothing is connected yet.

    `upstreams` replaces the adapter of a provider, by the provider's name. `app.drain.begin()` starts refusing new
    requests with 503. Raises ConfigError when a provider's options are wrong.
    """
    gateway, drain = build_gateway(settings, upstreams), Drain()
    operations = Router(
        settings.base_path or "/",
        route_handlers=[endpoints.speech, endpoints.transcriptions, endpoints.translations],
        middleware=[metrics_middleware()],
    )
    framework = Litestar(
        route_handlers=[operations, endpoints.contract, endpoints.health, endpoints.readiness, Metrics],
        dependencies={
            "gateway": Provide(lambda: gateway, sync_to_thread=False),
            "drain": Provide(lambda: drain, sync_to_thread=False),
        },
        exception_handlers={GatewayError: _answer, HTTPException: _answer_framework, Exception: _answer_unforeseen},
        lifespan=[lambda _: _closing(gateway)],
        openapi_config=None,
        # Bodies are bounded where they are read, by what the operation allows.
        request_max_body_size=None,
        plugins=[logging_plugin(settings.log_level)],
    )
    return Edge(cast("App", framework), drain)


@asynccontextmanager
async def _closing(gateway: Gateway) -> AsyncIterator[None]:
    yield
    await gateway.close()


def _answer(_: Request[Any, Any, Any], error: GatewayError) -> Response[bytes]:
    return _enveloped(error.status, body_of(error), error.headers)


def _answer_framework(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    status = error.status_code
    if status >= 500:
        return _answer_unforeseen(_, error)
    code, message = _FRAMEWORK_ERRORS.get(status, ("invalid_request", "The request is malformed."))
    return _enveloped(status, envelope(message, "invalid_request_error", code=code), error.headers or {})


def _answer_unforeseen(_: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    _log.error("unforeseen error", exc_info=error)
    return _answer(_, GatewayError("The gateway failed to answer this request."))


def _enveloped(status: int, body: bytes, headers: Mapping[str, str]) -> Response[bytes]:
    return Response(body, status_code=status, media_type="application/json", headers=dict(headers))

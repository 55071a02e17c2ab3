"""Counts and durations for Prometheus. Litestar's plugin serves them; its middleware costs more than an operation."""

from __future__ import annotations

import time
from functools import cache
from typing import NamedTuple

from litestar.plugins.prometheus import PrometheusController
from prometheus_client import Counter, Gauge, Histogram

from reference_server.asgi import App, Message, Receive, Scope, Send

_LABELS = ("method", "path", "status_code", "app_name")
_APP_NAME = "audio_gateway"
_COUNTED = frozenset({"GET", "POST"})


class Metrics(PrometheusController):
    """Counts and durations of requests by path, method and status."""

    path = "/metrics"


class _Metrics(NamedTuple):
    requests: Counter
    errors: Counter
    seconds: Histogram
    in_progress: Gauge


@cache
def _metrics() -> _Metrics:
    """The metrics of this process."""
    return _Metrics(
        Counter("audio_gateway_requests_total", "Total requests", _LABELS),
        Counter("audio_gateway_requests_error_total", "Total errors in requests", _LABELS),
        Histogram("audio_gateway_request_duration_seconds", "Request duration, in seconds", _LABELS),
        Gauge("audio_gateway_requests_in_progress", "Requests in progress", _LABELS, multiprocess_mode="livesum"),
    )


class _Series(NamedTuple):
    """The metrics of one kind of request."""

    requests: Counter
    seconds: Histogram
    errors: Counter | None


@cache
def _in_progress(method: str, path: str) -> Gauge:
    return _metrics().in_progress.labels(method, path, 200, _APP_NAME)


@cache
def _series(method: str, path: str, status: int) -> _Series:
    labels, found = (method, path, status, _APP_NAME), _metrics()
    errors = found.errors.labels(*labels) if status >= 500 else None
    return _Series(found.requests.labels(*labels), found.seconds.labels(*labels), errors)


def counted(app: App) -> App:
    """Middleware that counts the requests which reach a route of the framework."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        await counted_as(scope["path_template"], app)(scope, receive, send)

    return counting


def counted_as(path: str, app: App) -> App:
    """The same application, its requests counted under this path."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method not in _COUNTED:
            await app(scope, receive, send)
            return
        began, status = time.perf_counter(), 200

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        in_progress = _in_progress(method, path)
        in_progress.inc()
        try:
            await app(scope, receive, sending)
        finally:
            in_progress.dec()
            series = _series(method, path, status)
            series.requests.inc()
            series.seconds.observe(time.perf_counter() - began)
            if series.errors is not None:
                series.errors.inc()

    return counting

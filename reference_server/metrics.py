"""Counts and durations for Prometheus. Litestar's plugin serves them; its middleware costs more than an operation."""

from __future__ import annotations

import time
from functools import cache
from typing import NamedTuple, Self

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
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                count.status = message["status"]
            await send(message)

        with Count(scope["method"], scope["path_template"]) as count:
            await app(scope, receive, sending)

    return counting


class Count:
    """Counts one request, while it is served and when it is over. Whoever serves it sets the `status` of its response.

    Of other methods than GET and POST none is counted.
    """

    __slots__ = ("_began", "_in_progress", "_method", "_path", "status")

    def __init__(self, method: str, path: str) -> None:
        self.status = 200
        self._method = method
        self._path = path
        self._in_progress = _in_progress(method, path) if method in _COUNTED else None

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        if self._in_progress is not None:
            self._in_progress.inc()
        return self

    def __exit__(self, *_: object) -> None:
        if self._in_progress is None:
            return
        self._in_progress.dec()
        series = _series(self._method, self._path, self.status)
        series.requests.inc()
        series.seconds.observe(time.perf_counter() - self._began)
        if series.errors is not None:
            series.errors.inc()

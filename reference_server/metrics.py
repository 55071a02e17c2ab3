"""Counts and durations for Prometheus, by Litestar's plugin."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.middleware import DefineMiddleware
from litestar.plugins.prometheus import PrometheusConfig, PrometheusController, PrometheusMiddleware


class Metrics(PrometheusController):
    """Counts and durations of requests by path, method and status."""

    path = "/metrics"


class _Counter(PrometheusMiddleware):
    def _get_default_labels(self, request: Request[Any, Any, Any]) -> dict[str, str | int | float]:
        """The labels without a look at the request's URL: Litestar cannot build it from every Host that clients send."""
        path = request.scope["path_template"]
        return {"method": request.method, "path": path, "status_code": 200, "app_name": self._config.app_name}


def metrics_middleware() -> DefineMiddleware:
    """Middleware that counts requests which reach a route."""
    config = PrometheusConfig(app_name="audio_gateway", prefix="audio_gateway", middleware_class=_Counter)
    return config.middleware

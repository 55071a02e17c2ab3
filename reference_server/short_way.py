"""The short way of a call to one of the operations: past the framework, whose way to a handler costs as much as a warm call.

Only what needs nothing of the framework goes it: a POST to exactly the path of an operation. What a page of another origin
sends needs its permission (CORS), and another method or spelling of the path is the framework's to answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from reference_server.asgi import App, Receive, Scope, Send


class ShortWay:
    """The framework, with a short way to the operations, which are by their paths among its routes too."""

    def __init__(self, operations: Mapping[str, App], framework: App) -> None:
        self._operations = operations
        self._framework = framework

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operations.get(scope["path"]) if scope["type"] == "http" else None
        if operation is None or scope["method"] != "POST" or _has_origin(scope):
            operation = self._framework
        await operation(scope, receive, send)


def _has_origin(scope: Scope) -> bool:
    return any(name == b"origin" for name, _ in scope["headers"])

"""One line of the log per request.

A line says who, what, where to, how long, and why not: never a token, never a text. Litestar's own request logging is not
used, for it can write bodies and headers out.
"""

from __future__ import annotations

from typing import Any

from reference_server.errors import GatewayError
from reference_server.logs import log


def note(scope: Any, **facts: Any) -> None:
    """Adds facts to the request's line: token holder, model key, provider."""
    scope["state"].setdefault("facts", {}).update(facts)


def note_error(scope: Any, error: GatewayError) -> None:
    """Adds why the request is refused or fails: for a provider's failure what the client is not shown."""
    note(scope, error=error.code, reason=getattr(error, "reason", None) or error.message)


def record(scope: Any, status: int, seconds: float) -> None:
    """Writes the line when the request is over, with the status that the client got.

    499 stands for a client that went away before the response, 0 for a response that could not be sent.
    """
    log(
        "warning" if status >= 500 or status == 0 else "info",
        "request",
        method=scope["method"],
        path=scope["path"][:200],
        status=status,
        seconds=round(seconds, 4),
        **scope["state"].get("facts", {}),
    )

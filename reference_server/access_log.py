"""One structured log line per request.

A line says who, what, where to, how long, and why not: never a token, never a text. Every other line that is written
while a request is served has the same `request_id`. Litestar's own request logging is not used,
for it can write bodies and headers out.
"""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from typing import Any

import msgspec
import structlog
from litestar.logging.config import StructLoggingConfig
from litestar.plugins.structlog import StructlogConfig, StructlogPlugin
from structlog.typing import EventDict

from reference_server.errors import GatewayError

_log = structlog.get_logger("reference_server")
REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""The id of the request that is being served."""


def logging_plugin(level: str) -> StructlogPlugin:
    """JSON lines on standard error, from `level` up; standard output is the start banner's."""
    logging_config = StructLoggingConfig(
        processors=[
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _as_json,
        ],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        log_exceptions="never",  # our own handler does, with less in it
    )
    # The process's own logging stays as it is: httpx logs there, at its chattiest, every address that it calls.
    logging_config.standard_lib_logging_config = None
    return StructlogPlugin(StructlogConfig(structlog_logging_config=logging_config, enable_middleware_logging=False))


def _with_request_id(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if (request_id := REQUEST_ID.get(None)) is not None:
        event["request_id"] = request_id
    return event


def _as_json(_logger: Any, _method: str, event: EventDict) -> str:
    try:
        return msgspec.json.encode(event, enc_hook=repr).decode()
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot carry
        return json.dumps(event, default=repr)


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
    state = scope["state"]
    write = _log.warning if status >= 500 or status == 0 else _log.info
    write(
        "request",
        method=scope["method"],
        path=scope["path"][:200],
        status=status,
        seconds=round(seconds, 4),
        **state.get("facts", {}),
    )

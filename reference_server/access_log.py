"""One structured log line per request.

A line says who, what, where to, how long, and why not: never a token, never a text. Every other line that is written
while a request is served has the same `request_id`. Litestar's own request logging is not used,
for it can write bodies and headers out.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from contextlib import suppress
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
_GATHERED_S = 0.1


class _Gathering:
    """Standard error, written to some times a second instead of once a line: each time costs as much as making the line.

    Outside an event loop it is written to at once.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._due_in: asyncio.AbstractEventLoop | None = None

    def write(self, line: str) -> None:
        """Takes a line."""
        self._lines.append(line)

    def flush(self) -> None:
        """Sees to it that the lines are written soon."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write_out()
            return
        if self._due_in is not loop:
            self._due_in = loop
            loop.call_later(_GATHERED_S, self.write_out)

    def write_out(self) -> None:
        """Writes the lines now."""
        lines, self._lines, self._due_in = self._lines, [], None
        with suppress(OSError, ValueError):  # nobody need be there to read them
            sys.stderr.write("".join(lines))
            sys.stderr.flush()


_OUTPUT = _Gathering()
write_out = _OUTPUT.write_out


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
        logger_factory=structlog.WriteLoggerFactory(_OUTPUT),  # type: ignore[arg-type]  # no more of a file is needed
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

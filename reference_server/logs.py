"""The log: an event a line, as JSON on standard error. Standard output is the start banner's.

Every line that is written while a request is served has its `request_id`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import msgspec

REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""The id of the request that is being served."""

Level = Literal["debug", "info", "warning", "error", "critical"]
_LEVELS: dict[str, int] = {name: number for number, name in enumerate(get_args(Level))}
_GATHERED_S = 0.1


class _Output:
    """Standard error, written to some times a second instead of once a line: each time costs as much as making the line.

    Outside an event loop it is written to at once.
    """

    def __init__(self) -> None:
        self.least = _LEVELS["info"]
        self._lines: list[bytes] = []
        self._due_in: asyncio.AbstractEventLoop | None = None

    def put(self, line: bytes) -> None:
        """Takes a line, to be written soon."""
        self._lines.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write()
            return
        if self._due_in is not loop:
            self._due_in = loop
            loop.call_later(_GATHERED_S, self.write)

    def write(self) -> None:
        """Writes the lines now."""
        lines, self._lines, self._due_in = self._lines, [], None
        with suppress(OSError, ValueError):  # nobody need be there to read them
            sys.stderr.write(b"".join(lines).decode())
            sys.stderr.flush()


_OUTPUT = _Output()
write_out = _OUTPUT.write
"""Writes what was gathered: when this process ends, and before."""


def set_level(least: Level) -> None:
    """Leaves out the lines of levels below."""
    _OUTPUT.least = _LEVELS[least]


def log(level: Level, event: str, *, raised: BaseException | None = None, **facts: Any) -> None:
    """Writes a line; with what was `raised` how it came about, for those who mend it."""
    if _LEVELS[level] < _OUTPUT.least:
        return
    line = {**facts, "event": event, "level": level, "timestamp": datetime.now(UTC)}
    if (request_id := REQUEST_ID.get(None)) is not None:
        line["request_id"] = request_id
    if raised is not None:
        line["exception"] = "".join(traceback.format_exception(raised)).rstrip()
    _OUTPUT.put(_as_json(line) + b"\n")


def _as_json(line: dict[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(line, enc_hook=str)
    except UnicodeEncodeError:  # a lone surrogate, which UTF-8 cannot carry
        return json.dumps(line, default=str).encode()

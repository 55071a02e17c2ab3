"""Legal ways to write a server-sent event (HTML Standard, 9.2.6), for a provider that does not write like OpenAI's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

Spelling = Callable[[dict[str, Any]], str]

LARGE = 150_000
"""So many characters in one event: more than readers of lines take that were left at their usual bound of 64 or 128 KiB."""


def plain(event: dict[str, Any]) -> str:
    """An event as OpenAI writes it."""
    return f"data: {_text(event)}\n\n"


def _text(event: dict[str, Any]) -> str:
    return json.dumps(event, ensure_ascii=False)


def _in_lines(event: dict[str, Any]) -> str:
    lines = json.dumps(event, ensure_ascii=False, indent=1).splitlines()
    return "".join(f"data: {line}\n" for line in lines) + "\n"


SPELLINGS: Mapping[str, Spelling] = {
    "no-blank-after-the-colon": lambda event: f"data:{_text(event)}\n\n",
    "carriage-returns": lambda event: f"data: {_text(event)}\r\n\r\n",
    "named": lambda event: f"event: {event['type']}\nid: 7\n{plain(event)}",
    "named-afterwards": lambda event: f"data: {_text(event)}\nevent: {event['type']}\nretry: 3000\n\n",
    "comments": lambda event: f": still here\n\n:\n{plain(event)}",
    "several-lines": _in_lines,
}

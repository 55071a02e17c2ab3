"""Foreign text made harmless for a terminal, a log or a page: what a gateway answers never controls a screen."""

from __future__ import annotations

import re

# C0 and C1 but tab and line feed, lone surrogates, and what turns the direction of writing.
_CONTROL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


def visible(text: str) -> str:
    r"""The text with control characters written as escapes, e.g. an escape sequence as `\x1b[31m`."""
    return _CONTROL.sub(_escaped, text)


def one_line(text: str, limit: int) -> str:
    """The text on one line, cut to `limit` characters with an ellipsis."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= limit else f"{flat[: limit - 1]}…"


def _escaped(match: re.Match[str]) -> str:
    code = ord(match.group())
    if match.group() == "\r":
        return "\\r"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"

"""Scans the parameters of a header value: `form-data; name="file"; filename=a.mp3`.

Parsers of libraries lose what the mock must show as it was sent: they refuse a bare quote inside a value, cut Windows
paths, ignore `filename*`, or end an unquoted boundary at its `=`.

The scanner looks at each character a fixed number of times, whatever a client sends. It uses no regular expression: one
that finds where such a value ends backtracks over the whole header for each of its quotes.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass

_KEY = frozenset(string.ascii_letters + string.digits + "_!#$&+.^`|~*-")
_SPACE = frozenset(" \t\r\n\f\v")


@dataclass(frozen=True, slots=True)
class Value:
    """A parameter's value as it was written, without the quotes that it stood in."""

    text: str
    quoted: bool


def parameters(text: str) -> Iterator[tuple[str, Value]]:
    """Yields the parameters after the first `;`, keys in lower case. A part of the text that is none is skipped."""
    at, closes = 0, True  # `closes`: a quote that ends a value may still lie ahead
    while at < len(text):
        at = _next(text, ";", at)
        head = _head(text, at) if at < len(text) else None
        if head is None:
            at += 1
            continue
        key, start = head
        end = _closing_quote(text, start + 1) if closes and text.startswith('"', start) else None
        if end is not None:
            yield key, Value(text[start + 1 : end], quoted=True)
            at = end + 1
            continue
        closes = closes and not text.startswith('"', start)
        at = _next(text, ";", start)
        yield key, Value(text[start:at], quoted=False)


def _head(text: str, semicolon: int) -> tuple[str, int] | None:
    """Returns the key of the parameter that starts at a semicolon, and where its value starts."""
    start = _skip(text, semicolon + 1)
    end = start
    while end < len(text) and text[end] in _KEY:
        end += 1
    equals = _skip(text, end)
    if start == end or not text.startswith("=", equals):
        return None
    return text[start:end].lower(), _skip(text, equals + 1)


def _closing_quote(text: str, start: int) -> int | None:
    """Returns where a quoted value ends: at the quote that a parameter or nothing follows, for names hold quotes too."""
    quote = _next(text, '"', start)
    while quote < len(text):
        if _ends_value(text, quote):
            return quote
        quote = _next(text, '"', quote + 1)
    return None


def _ends_value(text: str, quote: int) -> bool:
    after = _skip(text, quote + 1)
    if after == len(text):
        return True
    if text[after] != ";":
        return False
    return _skip(text, after + 1) == len(text) or _head(text, after) is not None


def _next(text: str, mark: str, start: int) -> int:
    """Returns where `mark` stands next, the end of the text where it does not."""
    found = text.find(mark, start)
    return len(text) if found < 0 else found


def _skip(text: str, start: int) -> int:
    """Returns where the white space that starts at `start` is over."""
    while start < len(text) and text[start] in _SPACE:
        start += 1
    return start

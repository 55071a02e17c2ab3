"""Reads names from a form part's `Content-Disposition`, whichever of the customs in use wrote them.

Browsers and curl percent-encode the quote and line ends only; httpx, Go and older curls put a backslash before quotes
and backslashes; RFC 5987 has `filename*=UTF-8''...`. A name must come out as it went in through any of them.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from mock_upstreams.serving.header_values import Value, parameters

_BACKSLASHED = re.compile(r'\\(["\\])')
_PERCENTED = re.compile(r"%([01][0-9A-Fa-f]|22)")


def names_of(disposition: str) -> tuple[str | None, str | None]:
    """Returns the field name and the file name, `None` for one that is not there.

    `disposition` is the header's value read as Latin-1, so that no byte is lost; names come out read as UTF-8, bytes
    that are none as lone surrogates.
    """
    found = dict(parameters(disposition))
    extended = found.get("filename*")
    file_name = _extended(extended.text) if extended else None
    return _plain(found.get("name")), _plain(found.get("filename")) if file_name is None else file_name


def as_utf_8(latin: str) -> str:
    """Returns Latin-1 text read as the UTF-8 that it really was."""
    return latin.encode("latin-1").decode("utf-8", "surrogateescape")


def _plain(value: Value | None) -> str | None:
    if value is None:
        return None
    if not value.quoted:
        return as_utf_8(value.text.strip())
    unescaped = _BACKSLASHED.sub(r"\1", value.text)
    return as_utf_8(_PERCENTED.sub(lambda match: chr(int(match[1], 16)), unescaped))


def _extended(value: str) -> str | None:
    """Returns an RFC 5987 value; `None` where it is malformed, so that the plain one counts."""
    charset, first, rest = value.strip().partition("'")
    _language, second, encoded = rest.partition("'")
    if not first or not second:
        return None
    try:
        return unquote(encoded, encoding=charset or "utf-8", errors="strict")
    except (LookupError, UnicodeDecodeError):
        return None

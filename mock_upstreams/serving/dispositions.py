"""Reads names from a form part's `Content-Disposition`, whichever of the customs in use wrote them.

Browsers and curl percent-encode the quote and line ends only; httpx, Go and older curls put a backslash before quotes
and backslashes; RFC 5987 has `filename*=UTF-8''...`. A name must come out as it went in through any of them.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

# A quoted value ends at the quote that is followed by the next parameter or by nothing: names hold quotes, too.
_PARAMETER = re.compile(
    r';\s*(?P<key>[\w!#$&+.^`|~*-]+)\s*=\s*(?:"(?P<quoted>.*?)"(?=\s*(?:;\s*[\w!#$&+.^`|~*-]+\s*=|;?\s*$))|(?P<bare>[^;]*))',
    re.DOTALL,
)
_BACKSLASHED = re.compile(r'\\(["\\])')
_PERCENTED = re.compile(r"%([01][0-9A-Fa-f]|22)")
_EXTENDED = re.compile(r"(?P<charset>[^']*)'[^']*'(?P<value>.*)", re.DOTALL)


def names_of(disposition: str) -> tuple[str | None, str | None]:
    """Returns the field name and the file name, `None` for one that is not there.

    `disposition` is the header's value read as Latin-1, so that no byte is lost; names come out read as UTF-8, bytes
    that are none as lone surrogates.
    """
    parameters = {match["key"].lower(): match for match in _PARAMETER.finditer(disposition)}
    names = {key: _plain(match["quoted"], match["bare"]) for key, match in parameters.items()}
    extended = parameters.get("filename*")
    file_name = _extended(extended["quoted"] or extended["bare"] or "") if extended else None
    return names.get("name"), names.get("filename") if file_name is None else file_name


def as_utf_8(latin: str) -> str:
    """Returns Latin-1 text read as the UTF-8 that it really was."""
    return latin.encode("latin-1").decode("utf-8", "surrogateescape")


def _plain(quoted: str | None, bare: str | None) -> str:
    if quoted is None:
        return as_utf_8((bare or "").strip())
    unescaped = _BACKSLASHED.sub(r"\1", quoted)
    return as_utf_8(_PERCENTED.sub(lambda match: chr(int(match[1], 16)), unescaped))


def _extended(value: str) -> str | None:
    """Returns an RFC 5987 value; `None` where it is malformed, so that the plain one counts."""
    match = _EXTENDED.fullmatch(value.strip())
    if not match:
        return None
    try:
        return unquote(match["value"], encoding=match["charset"] or "utf-8", errors="strict")
    except (LookupError, UnicodeDecodeError):
        return None

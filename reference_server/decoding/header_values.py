"""Header values with parameters (`Content-Type`, `Content-Disposition`), as real clients write them.

They are split by the `multipart` package, in time linear in their length. What its parser leaves out stands here.
File names arrive in four spellings: quoted with backslash escapes (RFC 2616, older curl, httpx), quoted with `%22` for
a quote (WHATWG: browsers, curl, openai), bare, and percent-encoded in `filename*` (RFC 5987).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from multipart import parse_options_header

_USUAL_LENGTH = 200  # characters; longer values are not remembered
_BARE_BOUNDARY = re.compile(r';\s*boundary\s*=\s*([^\s";][^;]*)', re.IGNORECASE)
_EXTENDED_NAME = re.compile(r";\s*filename\*\s*=\s*([^;]*)", re.IGNORECASE)
_ESCAPED_PAIRS = re.compile(r'(?:[^\\]|\\[\\"])*', re.DOTALL)
_PERCENT_ESCAPES = re.compile(r"%(22|0[0-9A-F]|1[0-9A-F])", re.IGNORECASE)
# The two that RFC 5987 names. Python knows many more codecs, some of which make text that no UTF-8 can carry.
_CHARSETS = frozenset({"utf-8", "iso-8859-1"})


def parse(value: str) -> tuple[str, Mapping[str, str]]:
    """Splits `value` into its lower-case head and its parameters: names in lower case, values without their quotes."""
    return (_parsed_before if len(value) <= _USUAL_LENGTH else _parsed)(value)


def _parsed(value: str) -> tuple[str, Mapping[str, str]]:
    head, parameters = parse_options_header(value, unquote=_without_quotes)
    bare = _BARE_BOUNDARY.search(value)
    # Some mail libraries write characters into an unquoted boundary (`=`) at which the parser rightly ends it.
    if bare and bare[1].startswith(parameters.get("boundary", "")):
        parameters["boundary"] = bare[1].strip()
    return head, parameters


_parsed_before = lru_cache(maxsize=1024)(_parsed)


def _without_quotes(text: str, _is_file_name: bool) -> str:  # noqa: FBT001 - the parser's signature
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def names(disposition: str) -> tuple[str, str | None, str | None]:
    """The head of a part's `Content-Disposition`, its field name and its file name (None where there is none)."""
    # As browsers write it, a backslash is a letter like any other: also at a name's end.
    quoted = disposition.split('"', 5)
    if len(quoted) == 5 and quoted[::2] == ["form-data; name=", "; filename=", ""]:
        return "form-data", unquoted(quoted[1]), unquoted(quoted[3])
    head, parameters = parse(disposition)
    name, file_name = parameters.get("name"), parameters.get("filename")
    extended = _EXTENDED_NAME.search(disposition)
    decoded = _extended(extended[1].strip()) if extended else None
    plain = None if file_name is None else unquoted(file_name)
    return head, None if name is None else unquoted(name), plain if decoded is None else decoded


def unquoted(text: str) -> str:
    """Undoes backslash escapes where they are consistent, then the percent escapes of WHATWG forms."""
    if "\\" in text and _ESCAPED_PAIRS.fullmatch(text):
        text = re.sub(r'\\([\\"])', r"\1", text)
    return _PERCENT_ESCAPES.sub(lambda match: chr(int(match[1], 16)), text)


def _extended(value: str) -> str | None:
    charset, _, rest = value.partition("'")
    _, _, encoded = rest.partition("'")
    if (charset or "utf-8").lower() not in _CHARSETS:
        return None
    try:
        return unquote_to_bytes(encoded).decode(charset or "utf-8")
    except UnicodeDecodeError:
        return None

"""Header values with parameters (`Content-Type`, `Content-Disposition`), as real clients write them.

File names arrive in four spellings: quoted with backslash escapes (RFC 2616, older curl, httpx), quoted with `%22` for
a quote (WHATWG: browsers, curl, openai), bare, and percent-encoded in `filename*` (RFC 5987). All read here.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

# A quote closes the value only where a parameter can end: raw WHATWG names may hold a backslash before it.
_PARAMETER = re.compile(
    r""";\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"(?=\s*(?:;|$))|"(.*?)"(?=\s*(?:;|$))|([^;]*))""", re.DOTALL
)
_ESCAPED_PAIRS = re.compile(r'(?:[^\\]|\\[\\"])*', re.DOTALL)
_PERCENT_ESCAPES = re.compile(r"%(22|0[0-9A-F]|1[0-9A-F])", re.IGNORECASE)


def parse(value: str) -> tuple[str, dict[str, str]]:
    """Splits `value` into its lower-case head and its parameters (names in lower case, the first of a name wins)."""
    head, _, _ = value.partition(";")
    parameters: dict[str, str] = {}
    for match in _PARAMETER.finditer(value, len(head)):
        name, escaped, raw, bare = match.groups()
        text = next(part for part in (escaped, raw, bare.strip() if bare is not None else "") if part is not None)
        parameters.setdefault(name.lower(), text)
    return head.strip().lower(), parameters


def unquoted(text: str) -> str:
    """Undoes backslash escapes where they are consistent, then the percent escapes of WHATWG forms."""
    if "\\" in text and _ESCAPED_PAIRS.fullmatch(text):
        text = re.sub(r'\\([\\"])', r"\1", text)
    return _PERCENT_ESCAPES.sub(lambda match: chr(int(match[1], 16)), text)


def file_name(parameters: dict[str, str]) -> str | None:
    """The file name of a part: `filename*` before `filename`; None when it has neither."""
    extended = parameters.get("filename*")
    if extended is not None and (decoded := _extended(extended)) is not None:
        return decoded
    plain = parameters.get("filename")
    return None if plain is None else unquoted(plain)


def _extended(value: str) -> str | None:
    charset, _, rest = value.partition("'")
    _, _, encoded = rest.partition("'")
    try:
        return unquote_to_bytes(encoded).decode(charset or "utf-8")
    except (UnicodeDecodeError, LookupError):
        return None

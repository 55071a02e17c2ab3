"""What an error must not disclose: stack traces, the server's files, a provider's key.

A gateway may well repeat what the client sent or name a URL, so whatever the request itself contains, and every address,
is no evidence.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from conformance.http.exchange import Exchange, Finding

_TRACES = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"Traceback \(most recent call last\)",
        r'File "[^"\n]+", line \d+',
        r"^\s*at [\w$.<>/]+\([\w$]+\.(?:java|kt|scala):\d+\)",
        r"^\s*at .{0,200}\(?(?:file://|node:|/|[A-Za-z]:\\)[^\n]{0,200}:\d+:\d+\)?",
        r"^\s*at [\w.`<>]+\([^)\n]*\) in [^\n]+:line \d+",
        r"^goroutine \d+ \[",
        r"thread '[^'\n]*' panicked at",
        r"^stack backtrace:",
        r"\.rb:\d+:in [`']",
        r"#\d+ /[^\n]+\.php\(\d+\)",
    )
)
_SOURCE = "py|pyc|js|mjs|ts|go|rb|java|kt|rs|php|cs"
_PATHS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\w./:~-])/(?:usr|home|var|opt|srv|etc|root|tmp|proc|Users|private|workspace)/[\w.@+-]+(?:/[\w.@+-]+)*",
        rf"(?<![\w./:~-])(?:/[\w.@+-]+){{2,}}\.(?:{_SOURCE})\b",
        r"(?<![\w:])[A-Z]:\\(?:[\w .@+-]+\\)+[\w .@+-]+",
        r"\bsite-packages[\\/][\w.\\/-]+",
        r"\bnode_modules[\\/][\w.@\\/-]+",
    )
)
_ADDRESS = re.compile(r"""(?:https?|wss?)://[^\s"'<>]+|(?:href|src|action)\s*=\s*(?:"[^"]*"|'[^']*')""")
_LINE_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_KEY_SHAPES = (
    # A placeholder in a hint ("Bearer YOUR_TOKEN", "sk-xxxx…") is no key: keys have digits and small letters.
    re.compile(r"\bsk-(?:proj-|svcacct-)?(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[a-z])[A-Za-z0-9_-]{24,}"),
    re.compile(r"\bBearer (?!cpeer_)(?=[A-Za-z0-9._~+/-]*\d)(?=[A-Za-z0-9._~+/-]*[a-z])[A-Za-z0-9._~+/-]{16,}"),
)


def no_stack_trace(exchange: Exchange, *, because: str) -> Finding | None:
    """Nothing in the answer is a stack trace of any common language."""
    return _nothing_of(_TRACES, exchange, f"{because}: the answer shows a stack trace", "no stack trace")


def no_server_path(exchange: Exchange, *, because: str) -> Finding | None:
    """Nothing in the answer is a path of the server's file system."""
    return _nothing_of(_PATHS, exchange, f"{because}: the answer shows a file path of the server", "no file path")


def no_provider_key(exchange: Exchange, *, because: str) -> Finding | None:
    """Nothing in the body has the shape of a provider's key. Known keys are looked for by `upstream.secrets`."""
    found = _found(_KEY_SHAPES, exchange)
    if found is None:
        return None
    message, got = f"{because}: the answer shows a provider's key", "a text in the shape of one"
    return Finding(message, "no credential of the gateway's own", got, (exchange,), secrets=(found,))


def _nothing_of(
    patterns: tuple[re.Pattern[str], ...], exchange: Exchange, message: str, expected: str
) -> Finding | None:
    found = _found(patterns, exchange)
    return None if found is None else Finding(message, expected, found[:200], (exchange,))


def _found(patterns: tuple[re.Pattern[str], ...], exchange: Exchange) -> str | None:
    """The first text of the answer that fits a pattern and that the client did not send."""
    text = _ADDRESS.sub(" ", _text_of(exchange))
    sent = _sent(exchange)
    matches = (match[0].strip() for pattern in patterns for match in pattern.finditer(text))
    return next((match for match in matches if match not in sent), None)


def _text_of(exchange: Exchange) -> str:
    """The answer's text; where it is JSON, the strings inside it: there an escaped trace is a trace."""
    if exchange.answer is None:
        return ""
    raw = exchange.answer.body.decode("utf-8", "replace")
    try:
        return "\n".join(texts_in(json.loads(raw)))
    except (ValueError, RecursionError):
        return html.unescape(_LINE_BREAK.sub("\n", raw))


def texts_in(value: Any) -> Iterator[str]:
    """Every text within a JSON value: keys, strings, and the other scalars written out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    else:
        yield f"{value}"


def _sent(exchange: Exchange) -> str:
    request = exchange.request
    url = urlsplit(request.url)
    headers = "\n".join(value for _, value in request.headers)
    return "\n".join([url.path, url.query, headers, request.body.decode("utf-8", "replace")])

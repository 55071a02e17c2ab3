"""What an error must not tell: stack traces, the server's files, a provider's key.

A gateway may well repeat what the client sent or name a URL, so whatever the request itself contains, and every address,
is no evidence.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterator
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


def no_provider_key(exchange: Exchange, keys: Collection[str] = (), *, because: str) -> Finding | None:
    """None of the known ``keys`` is in the answer or its headers, and nothing with the shape of one is in its body."""
    message, expected = f"{because}: the answer shows a provider's key", "no credential of the gateway's own"
    headers = " ".join(value for _, value in exchange.answer.headers) if exchange.answer else ""
    told = f"{headers}\n{_text_of(exchange)}"
    if any(key in told for key in keys if key):
        return Finding(message, expected, "a key that the gateway uses at the provider", (exchange,))
    return _nothing_of(_KEY_SHAPES, exchange, message, expected)


def _nothing_of(
    patterns: tuple[re.Pattern[str], ...], exchange: Exchange, message: str, expected: str
) -> Finding | None:
    text = _ADDRESS.sub(" ", _text_of(exchange))
    sent = _sent(exchange)
    for pattern in patterns:
        for match in pattern.finditer(text):
            if match[0].strip() not in sent:
                return Finding(message, expected, match[0].strip()[:200], (exchange,))
    return None


def _text_of(exchange: Exchange) -> str:
    """The answer's text; where it is JSON, the strings inside it: there an escaped trace is a trace."""
    if exchange.answer is None:
        return ""
    raw = exchange.answer.body.decode("utf-8", "replace")
    try:
        return "\n".join(_strings(json.loads(raw)))
    except (ValueError, RecursionError):
        return html.unescape(_LINE_BREAK.sub("\n", raw))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _sent(exchange: Exchange) -> str:
    request = exchange.request
    url = urlsplit(request.url)
    headers = "\n".join(value for _, value in request.headers)
    return "\n".join([url.path, url.query, headers, request.body.decode("utf-8", "replace")])

"""Every legal shape in which an HTTP provider may answer, as scripts for the mock: by shape, then by variant.

Each changes how an answer goes over the wire, and nothing of what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Act = dict[str, Any]
Shapes = Mapping[str, Mapping[str, Act]]

_HINTS = {"status": 103, "headers": {"link": "</style.css>; rel=preload"}}

# Shapes that suit any body.
SHAPES: Shapes = {
    "compressed": {"gzip": {"compress": "gzip"}, "deflate": {"compress": "deflate"}},
    "framing": {"length": {"framing": "length"}, "chunked": {"framing": "chunked"}},
    "header-names": {each: {"header_case": each} for each in ("lower", "title", "upper", "mixed")},
    "interim": {
        "processing": {"interim": [{"status": 102}, {"status": 102}]},
        "early-hints": {"interim": [_HINTS]},
        "both": {"interim": [{"status": 102}, _HINTS, _HINTS]},
    },
    # By itself: clients in wide use, that of Node for one, take it for a broken answer where they did not ask for it.
    "continue": {"once": {"interim": [{"status": 100}]}},
}
# Of a text they cut through characters and escapes; audio is long, so that its pieces are larger.
PIECES_OF_TEXT: Mapping[str, Act] = {
    "under-a-length": {"framing": "length", "drip": {"chunk": 3, "interval_s": 0.001}},
    "chunks": {"framing": "chunked", "drip": {"chunk": 1, "interval_s": 0}},
}
PIECES_OF_AUDIO: Mapping[str, Act] = {
    "under-a-length": {"framing": "length", "drip": {"chunk": 61, "interval_s": 0.001}},
    "chunks": {"framing": "chunked", "drip": {"chunk": 7, "interval_s": 0}},
}
# Other spellings of one media type (RFC 9110, 8.3.1): letter case, parameters, quotes, blanks at the semicolon.
MEDIA_TYPES: Mapping[str, Mapping[str, str]] = {
    "audio": {
        "letter-case": "Audio/MPEG",
        "capitals": "AUDIO/MPEG",
        "parameter": "audio/mpeg; version=1",
        "quoted-parameter": 'audio/mpeg ;\tversion="1"',
    },
    "object": {
        "charset": "application/json;charset=UTF-8",
        "letter-case": "Application/JSON",
        "capitals": "APPLICATION/JSON; CHARSET=utf-8",
        "quoted-parameter": 'application/json ;\tcharset="utf-8"',
    },
    "document": {"charset": "text/plain;charset=UTF-8", "letter-case": "Text/Plain; Charset=utf-8"},
}

_OF_ERRORS: Mapping[str, Act] = {
    "compressed": {"compress": "gzip", "media_type": "title_case"},
    "in-pieces": {"framing": "chunked", "drip": {"chunk": 3, "interval_s": 0}, "header_case": "upper"},
    "after-interim": {"interim": [{"status": 100}, _HINTS], "media_type": "quoted_charset"},
}
# Errors in such shapes: a status of the provider's, and how its body comes.
ERRORS: Mapping[str, Act] = {
    f"{status}-{name}": {"status": status, **act} for status in (500, 400) for name, act in _OF_ERRORS.items()
}
# A compressed body that ends too soon, under the length that it has: only who decodes it to its end can tell.
CUT_COMPRESSED: Act = {"compress": "gzip", "truncate": {"keep": 0.6, "length": "actual"}}

# To the same path of the same origin; and answers that lead nowhere.
REDIRECTS: Mapping[str, Act] = {
    **{f"same-origin-{status}": {"redirect": {"status": status}} for status in (301, 302, 303, 307, 308)},
    "without-location": {"status": 307},
    "not-modified": {"status": 304},
}
STATUSES_ELSEWHERE = (302, 307, 308)


def pieces(*, audio: bool) -> Mapping[str, Act]:
    """Bodies in pieces of a few bytes."""
    return PIECES_OF_AUDIO if audio else PIECES_OF_TEXT

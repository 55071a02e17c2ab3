"""Faults of a provider, as scripts for the mock: by requirement, then by variant. Statuses here are the provider's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Act = dict[str, Any]
Faults = Mapping[str, Mapping[str, Act]]

_PAGE = "<!DOCTYPE html><html><head><title>Bad gateway</title></head><body><h1>Bad gateway</h1></body></html>"
_HTML: Act = {"content_type": "text/html; charset=utf-8", "body": {"text": _PAGE}}
_ERROR = {"error": {"message": "The model is overloaded.", "type": "server_error", "param": None, "code": None}}
_JSON: Act = {"status": 200, "content_type": "application/json"}
TRACE = 'Traceback (most recent call last):\n  File "serve.py", line 7, in speak\nRuntimeError: CUDA out of memory'


def _misleading(message: str, param: str | None, code: str) -> dict[str, Any]:
    """An error's body as providers write it for a client's mistake."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


ERRORS: Faults = {
    "status-401": {"plain": {"status": 401}},
    "status-403": {"plain": {"status": 403}},
    "status-500": {"json": {"status": 500}, "empty": {"status": 500, "body": {"text": ""}}},
    "status-502": {"html": {"status": 502, **_HTML}},
    # A second, not more: a gateway may well wait for it before it tries again.
    "status-503": {"json": {"status": 503}, "retry-after": {"status": 503, "headers": {"retry-after": "1"}}},
    # Its own failure, in words that elsewhere tell of the client's fault: only the status says whose it is.
    "misleading-words": {
        "required": {
            "status": 500,
            "body": {"json": _misleading("The field 'model' is required.", "model", "required")},
        },
        "not-found": {"status": 500, "body": {"json": _misleading("Model not found.", "model", "model_not_found")}},
        "status-in-words": {"status": 500, "body": {"json": _misleading("404 Not Found: no such file", None, "404")}},
        "plain": {"status": 500, "content_type": "text/plain", "body": {"text": "400: missing required input"}},
    },
    # Overload, in the words of several providers and of what stands in front of them.
    "status-5xx": {str(status): {"status": status} for status in (501, 504, 507, 520, 529)},
}
REFUSALS: Faults = {"refusal": {str(status): {"status": status} for status in (400, 404, 413, 415, 422)}}
LIMITS: Faults = {"limit": {"plain": {"status": 429}, "retry-after": {"status": 429, "headers": {"retry-after": "1"}}}}

_HALF = {"keep": 0.5, "length": "declared"}
TRANSPORT: Faults = {
    "reset-before-headers": {"at-once": {"reset": "before_headers"}},
    "reset-mid-body": {"half": {"reset": "mid_body"}, "headers-only": {"reset": "before_body"}},
    "truncated": {
        "half": {"truncate": _HALF},
        "nothing": {"truncate": {"keep": 0, "length": "declared"}},
        "chunked": {"truncate": _HALF, "chunked": True},
    },
    "empty-body": {"length-0": {"truncate": {"keep": 0, "length": "actual"}}},
    "wrong-media-type": {"html": {"status": 200, **_HTML}},
}
_PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SPEECH: Faults = {
    "json-instead": {
        "error": {**_JSON, "body": {"json": _ERROR}},
        "object": {**_JSON, "body": {"json": {"audio": "UklGRg=="}}},
    },
    "no-audio": {
        "text": {"status": 200, "content_type": "text/plain", "body": {"text": "upstream connect error"}},
        "image": {"status": 200, "content_type": "image/png", "body": {"base64": _PNG}},
    },
}
TRANSCRIPT: Faults = {
    "broken-json": {
        "cut": {"malform": True, "content_type": "application/json"},
        "cut-in-text": {**_JSON, "body": {"text": '{"text": "The quick brown'}},
        "no-json": {**_JSON, "body": {"text": "The quick brown fox jumped over the lazy dog."}},
    }
}
# JSON that is whole and yet no transcript. An empty text is one.
TEXTLESS: Mapping[str, Act] = {
    "empty-object": {**_JSON, "body": {"json": {}}},
    "error": {**_JSON, "body": {"json": _ERROR}},
    "list": {**_JSON, "body": {"json": ["The quick brown fox"]}},
    "null": {**_JSON, "body": {"json": None}},
    "text-null": {**_JSON, "body": {"json": {"text": None}}},
    "text-number": {**_JSON, "body": {"json": {"text": 7}}},
    "text-list": {**_JSON, "body": {"json": {"text": ["The quick brown fox"]}}},
    "text-object": {**_JSON, "body": {"json": {"text": {"content": "The quick brown fox"}}}},
}
SPILLING: Act = {
    "status": 500,
    "body": {"json": {"error": {"message": TRACE, "type": "server_error", "detail": TRACE}}},
}


def failing(*, audio: bool) -> Faults:
    """Whatever the gateway has to answer as a failure, but for silence (rulings: Statuses, provider fails).

    `audio`: for an operation whose response is audio, else for one whose response is a transcript.
    """
    return {**ERRORS, **TRANSPORT, **(SPEECH if audio else TRANSCRIPT)}

"""Hand-made exchanges for the tests of judges."""

from __future__ import annotations

import json
from typing import Any

from conformance.http.exchange import Answer, Exchange, Request

URL = "http://gateway.example.com/api/client/v1/audio/speech"


def answered(
    status: int,
    body: bytes | str = b"",
    *,
    headers: dict[str, str] | None = None,
    sent: bytes = b"",
    elapsed_s: float = 0.0,
) -> Exchange:
    """An exchange with an answer; `sent` is the request's body."""
    data = body.encode() if isinstance(body, str) else body
    return Exchange(
        Request("POST", URL, (), sent), Answer(status, tuple((headers or {}).items()), data), None, elapsed_s
    )


def answered_json(status: int, document: Any, *, media_type: str = "application/json", **headers: str) -> Exchange:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answered(status, json.dumps(document), headers={"Content-Type": media_type, **named})


def unanswered(error: str = "connection broken", *, timed_out: bool = False) -> Exchange:
    return Exchange(Request("POST", URL), None, error, timed_out=timed_out)

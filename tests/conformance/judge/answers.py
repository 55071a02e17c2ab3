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
    sent_as: str | None = None,
    elapsed_s: float = 0.0,
) -> Exchange:
    """An exchange with an answer; `sent` is the request's body, `sent_as` its media type."""
    data = body.encode() if isinstance(body, str) else body
    content_type = (("Content-Type", sent_as),) if sent_as else ()
    request = Request("POST", URL, content_type, sent)
    return Exchange(request, Answer(status, tuple((headers or {}).items()), data), None, elapsed_s)


def answered_json(status: int, document: Any, *, media_type: str = "application/json", **headers: str) -> Exchange:
    """An exchange with a JSON answer; `x_id="y"` is a header x-id: y."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answered(status, json.dumps(document), headers={"Content-Type": media_type, **named})


def headed(body: bytes = b"", **headers: str) -> Exchange:
    """A served exchange; `x_id="y"` is a header x-id: y."""
    return answered(200, body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def labelled(body: bytes, media_type: str, status: int = 200) -> Exchange:
    """An exchange with an answer of this media type."""
    return answered(status, body, headers={"Content-Type": media_type})


def unanswered(error: str = "connection broken", *, timed_out: bool = False) -> Exchange:
    """An exchange without an answer."""
    return Exchange(Request("POST", URL), None, error, timed_out=timed_out)

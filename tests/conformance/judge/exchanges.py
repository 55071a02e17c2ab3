"""Hand-made exchanges for the tests of judges."""

from __future__ import annotations

import json
from typing import Any

from conformance.http.exchange import Answer, Exchange, Request

REQUEST = Request("POST", "http://gateway.test/api/client/v1/audio/speech")


def answered(body: bytes = b"", status: int = 200, **headers: str) -> Exchange:
    """An exchange with this answer; `content_type="x"` is a header Content-Type: x."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(REQUEST, Answer(status, named, body))


def transcript(document: Any, content_type: str = "application/json", **headers: str) -> Exchange:
    return answered(json.dumps(document).encode(), content_type=content_type, **headers)


UNANSWERED = Exchange(REQUEST, None, "connection reset")

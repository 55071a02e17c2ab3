"""Reads the bodies that the suite sends, as leniently as the most lenient gateway: what is not there is not reached."""

from __future__ import annotations

import json
import re
from typing import Any

from conformance.http.exchange import Request

_BOUNDARY = re.compile(r'boundary="?([^";]+)', re.IGNORECASE)
_NAME = re.compile(rb'(?<![a-z*])name="?([^";\r\n]*)', re.IGNORECASE)


def media_type(request: Request) -> str:
    """The Content-Type without parameters, in lower case; empty where it is absent."""
    return (request.header("content-type") or "").partition(";")[0].strip().lower()


def read_json(request: Request) -> dict[str, Any] | None:
    """The members of a JSON object; None where the body is none."""
    try:
        value = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def read_form(request: Request) -> dict[str, list[str]] | None:
    """The texts of a multipart form by the names of its parts, repeats in order; None where the body is none.

    A file is a text as well, so that a part counts whichever way it was sent.
    """
    found = _BOUNDARY.search(request.header("content-type") or "")
    if not found:
        return None
    _, *pieces = request.body.split(b"--" + found[1].strip().encode("utf-8", "surrogateescape"))
    if not pieces:
        return None
    fields: dict[str, list[str]] = {}
    for piece in pieces:
        head, blank, data = piece.partition(b"\r\n\r\n")
        if blank and (name := _NAME.search(head)):
            text = data.removesuffix(b"\r\n").decode("utf-8", "replace")
            fields.setdefault(name[1].decode("utf-8", "replace"), []).append(text)
    return fields

"""Headers that tell what a transcript used, so that a client need not read its document: as the provider reported it."""

from __future__ import annotations

from typing import Any

import msgspec

_HEADERS = {
    "input_tokens": "x-usage-input-tokens",
    "output_tokens": "x-usage-output-tokens",
    "total_tokens": "x-usage-total-tokens",
    "seconds": "x-usage-seconds",
}


def usage_headers(document: dict[str, Any]) -> dict[str, str]:
    """A header for each number of the document's usage; none where nothing was reported."""
    usage = document.get("usage")
    if not isinstance(usage, dict):
        return {}
    return {name: str(usage[member]) for member, name in _HEADERS.items() if type(usage.get(member)) in {int, float}}


def usage_headers_of(body: bytes) -> dict[str, str]:
    """The same of a JSON document that is still text; none where it is no document."""
    try:
        document: Any = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return usage_headers(document) if isinstance(document, dict) else {}

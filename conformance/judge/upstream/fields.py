"""The provider's side: what of a client's request must arrive there, and how it may look when it does.

A call is what the mock provider recorded. Gateways may add fields, send defaults, write numbers as text in forms and spell
repeated names with or without brackets: only what the client sent is looked for, and its value is compared, not its shape.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import unquote

from conformance.audio import FORMATS
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding
from conformance.mock.calls import Call

GRANULARITIES = "timestamp_granularities"
_TOLERANCE = 1e-6
_SHOWN = 160
_FORMS = "the two forms of one request"


def values_of(call: Call, name: str) -> list[Any]:
    """Every value that the call has under a name, lists taken apart; ``name[]`` and ``name[0]`` are ``name`` too."""
    found = [value for key, value in call["fields"] if key.split("[")[0] == name]
    return [item for value in found for item in (value if isinstance(value, list) else [value])]


def field_arrived(exchange: Exchange, calls: Sequence[Call], name: str, sent: Any) -> Finding | None:
    """Every call has the field with an equal value: text by code point, numbers by value, tuples as sets."""
    for call in calls:
        got = values_of(call, name)
        if not _same(sent, got, as_text=call["body_kind"] != "json"):
            message = f"{name} does not reach the provider as it was sent"
            return Finding(message, _shown(sent), _shown_values(got), (exchange,), (call,))
    return None


def fields_arrived(exchange: Exchange, calls: Sequence[Call], sent: dict[str, Any]) -> tuple[Finding | None, ...]:
    return tuple(field_arrived(exchange, calls, name, value) for name, value in sent.items())


def field_withheld(exchange: Exchange, calls: Sequence[Call], *names: str) -> Finding | None:
    """No call has any of the fields, in its body or its query."""
    for call in calls:
        keys = [*(key for key, _ in call["fields"]), *call["query"]]
        told = [key for key in keys if key.split("[")[0] in names]
        if told:
            message = f"{' and '.join(told)} reached the provider, which has no use for it here"
            return Finding(message, f"no {' and no '.join(names)}", _shown(told), (exchange,), (call,))
    return None


def nothing_left_over(exchange: Exchange, calls: Sequence[Call], earlier: dict[str, Any]) -> Finding | None:
    """No call has a value that only an earlier request sent; the gateway's own defaults are no such values."""
    for call in calls:
        as_text = call["body_kind"] != "json"
        for name, value in earlier.items():
            got = values_of(call, name)
            if got and _same(value, got, as_text=as_text):
                message = f"{name} of an earlier request reached the provider with a request that had none"
                return Finding(message, f"no {name}, or a default", _shown_values(got), (exchange,), (call,))
    return None


def only_valid_format(exchange: Exchange, calls: Sequence[Call]) -> Finding | None:
    """No call asks the provider for a format that is none of the six."""
    for call in calls:
        asked = [value for name, value in call["fields"] if name == "response_format" and value is not None]
        invalid = [value for value in asked if not (isinstance(value, str) and value in FORMATS)]
        if invalid:
            expected = f"no response_format, or one of {', '.join(FORMATS)}"
            message = "an invalid response_format reached the provider"
            return Finding(message, expected, _shown_values(invalid), (exchange,), (call,))
    return None


def upload_arrived(exchange: Exchange, calls: Sequence[Call], upload: Upload) -> Finding | None:
    """Every call has a file with exactly the bytes that the client uploaded."""
    expected = f"{len(upload.data)} bytes, sha256 {upload.digest}"
    for call in calls:
        file = call["file"]
        if file is None or (file["size"], file["sha256"]) != (len(upload.data), upload.digest):
            got = f"{file['size']} bytes, sha256 {file['sha256']}" if file else "no file"
            return Finding("the upload reached the provider changed", expected, got, (exchange,), (call,))
    return None


def file_name_arrived(exchange: Exchange, calls: Sequence[Call], upload: Upload) -> Finding | None:
    """The file name is the client's. Quotes and line breaks may be escaped, as clients have to do in forms."""
    for call in calls:
        got = call["file"]["name"] if call["file"] else None
        if got is None or _unescaped(got) != _unescaped(upload.file_name or ""):
            message = "the file name does not reach the provider as it was sent"
            return Finding(message, _shown(upload.file_name), _shown(got), (exchange,), (call,))
    return None


def media_type_arrived(exchange: Exchange, calls: Sequence[Call], upload: Upload) -> Finding | None:
    """The upload's media type is the client's; parameters are not compared."""
    for call in calls:
        got = call["file"]["content_type"] if call["file"] else None
        if _bare(got) != _bare(upload.content_type):
            message = "the upload's media type does not reach the provider as it was sent"
            return Finding(message, _shown(upload.content_type), _shown(got), (exchange,), (call,))
    return None


def same_call(one: Exchange, call: Call, other: Exchange, other_call: Call, *, of: str = _FORMS) -> Finding | None:
    """Two requests that mean the same led to the same call: target, documented fields and upload are equal.

    Order, spelling, undocumented extras and the name and type of the file are not compared; a default that is left out
    equals one that is sent.
    """
    left, right = _meaning(call), _meaning(other_call)
    differing = [name for name in left if left[name] != right[name]]
    if not differing:
        return None
    return Finding(
        f"{of} reach the provider with different {', '.join(differing)}",
        _shown({name: left[name] for name in differing}),
        _shown({name: right[name] for name in differing}),
        (one, other),
        (call, other_call),
    )


def _same(sent: Any, got: Collection[Any], *, as_text: bool) -> bool:
    if isinstance(sent, (tuple, list)):
        return set(map(str, got)) == set(sent)
    if not got:
        return False
    if isinstance(sent, str):
        return all(value == sent for value in got)
    return all(_equal_number(sent, value, as_text=as_text) for value in got)


def _equal_number(sent: float, value: Any, *, as_text: bool) -> bool:
    """In JSON a number has to be a number; in a form everything is text."""
    number = _number(value) if as_text else value
    if not isinstance(number, (int, float)) or isinstance(number, bool):
        return False
    return math.isclose(number, sent, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)


def _number(value: Any) -> Any:
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


def _meaning(call: Call) -> dict[str, Any]:
    """What a transcript call asks of the provider, defaults filled in."""
    temperature = [_number(value) for value in values_of(call, "temperature")] or [0.0]
    return {
        "operation": call["operation"],
        "deployment": call["deployment"],
        "model": values_of(call, "model"),
        "language": values_of(call, "language"),
        "prompt": [value for value in values_of(call, "prompt") if value != ""],
        "response_format": values_of(call, "response_format") or ["json"],
        "temperature": temperature,
        GRANULARITIES: set(map(str, values_of(call, GRANULARITIES))),
        "upload": call["file"] and (call["file"]["size"], call["file"]["sha256"]),
    }


def _unescaped(name: str) -> str:
    return unquote(name.replace('\\"', '"').replace("\\\\", "\\"))


def _bare(media_type: str | None) -> str:
    return (media_type or "").split(";")[0].strip().lower()


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}… ({len(text)} characters)"


def _shown_values(values: Sequence[Any]) -> str:
    if not values:
        return "no such field"
    return _shown(values[0]) if len(values) == 1 else _shown(list(values))

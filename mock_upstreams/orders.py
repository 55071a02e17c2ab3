"""From a call's fields to the provider's order, refusing what no provider could make sense of."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mock_upstreams.errors import MockProviderError
from mock_upstreams.faces.refusals import missing_parameter, unreadable, unsupported_media_type
from mock_upstreams.provider import HearingOrder, SpeechOrder

if TYPE_CHECKING:
    from mock_upstreams.arrivals import Arrival

__all__ = ["GRANULARITIES", "check_body", "hearing_order", "number", "speech_order", "text"]

GRANULARITIES = ("timestamp_granularities[]", "timestamp_granularities")
"""Both spellings in use: the official clients send the first, the API reference names the second."""


def check_body(arrival: Arrival) -> None:
    """Refuse a body of the wrong kind, and one that is not what it says. Raises MockProviderError."""
    wanted = "application/json" if arrival.address.operation == "speech" else "multipart/form-data"
    if arrival.body.media_type != wanted:
        raise unsupported_media_type(arrival.header("content-type") or "", wanted)
    if arrival.body.fault:
        raise unreadable(arrival.body.fault)


def speech_order(arrival: Arrival, model: str) -> SpeechOrder:
    """Return what is to be spoken. Raises MockProviderError."""
    if arrival.get("input") is None:
        raise missing_parameter("input")
    speed = number(arrival, "speed")
    return SpeechOrder(
        model=model,
        input=text(arrival, "input") or "",
        voice=_voice(arrival),
        response_format=text(arrival, "response_format"),
        speed=1.0 if speed is None else speed,
        instructions=text(arrival, "instructions"),
    )


def hearing_order(arrival: Arrival, model: str) -> HearingOrder:
    """Return what is to be heard. Raises MockProviderError."""
    upload = arrival.body.upload
    if upload is None or upload.field != "file":
        raise missing_parameter("file")
    for name, value in arrival.body.fields:
        _check_unicode(name, value)
    return HearingOrder(
        model=model,
        audio=upload.data,
        file_name=upload.name,
        language=text(arrival, "language") or None,
        prompt=text(arrival, "prompt"),
        response_format=text(arrival, "response_format") or "json",
        temperature=number(arrival, "temperature") or 0.0,
        timestamp_granularities=tuple(map(str, arrival.all(*GRANULARITIES))),
    )


def text(arrival: Arrival, name: str) -> str | None:
    """Return a field that is a string or absent. Raises MockProviderError."""
    value = arrival.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong_type(name, "a string", value)
    return value


def number(arrival: Arrival, name: str) -> float | None:
    """Return a field that is a finite number, or absent, or in a form the text of one. Raises MockProviderError."""
    value = arrival.get(name)
    if value is None or value == "":
        return None
    if arrival.body.kind == "multipart":
        value = _read_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(name, "a decimal", arrival.get(name))
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise _wrong_type(name, "a finite decimal", value)
    return found


def _read_number(value: str) -> Any:
    try:
        return float(value)
    except ValueError:
        return value


def _voice(arrival: Arrival) -> str | None:
    """Return the voice, a name or an object with the ``id`` of a custom one."""
    voice = arrival.get("voice")
    if isinstance(voice, dict) and isinstance(voice.get("id"), str):
        return str(voice["id"])
    return text(arrival, "voice")


def _check_unicode(name: str, value: Any) -> None:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        message = f"The field '{name}' is not valid UTF-8."
        raise MockProviderError(message, param=name, code="invalid_value") from None


_JSON_NAMES = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}


def _wrong_type(name: str, wanted: str, found: Any) -> MockProviderError:
    got = _JSON_NAMES.get(type(found), "an object")
    message = f"Invalid type for '{name}': expected {wanted}, but got {got} instead."
    return MockProviderError(message, param=name, code="invalid_type")

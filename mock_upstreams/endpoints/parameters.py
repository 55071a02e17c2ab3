"""Reads the parameters of a request, refusing what no provider could make sense of."""

from __future__ import annotations

import math
from typing import Any

from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.faces.refusals import missing_parameter, unreadable, unsupported_media_type
from mock_upstreams.provider import SpeechRequest, TranscriptionRequest
from mock_upstreams.requests import ReceivedRequest

GRANULARITIES = ("timestamp_granularities[]", "timestamp_granularities")
"""Both spellings in use: the official clients send the first, the API reference names the second."""


def check_body(request: ReceivedRequest) -> None:
    """Refuses a body of the wrong kind, and one that is not what it says. Raises ProviderRefusal."""
    wanted = "application/json" if request.address.operation == "speech" else "multipart/form-data"
    if request.body.media_type != wanted:
        raise unsupported_media_type(request.header("content-type") or "", wanted)
    if request.body.fault:
        raise unreadable(request.body.fault)


def speech_request(request: ReceivedRequest, model: str) -> SpeechRequest:
    """Returns the parameters of a speech request. Raises ProviderRefusal."""
    if request.get("input") is None:
        raise missing_parameter("input")
    speed = number(request, "speed")
    return SpeechRequest(
        model=model,
        input=text(request, "input") or "",
        voice=_voice(request),
        response_format=text(request, "response_format"),
        speed=1.0 if speed is None else speed,
        instructions=text(request, "instructions"),
    )


def transcription_request(request: ReceivedRequest, model: str) -> TranscriptionRequest:
    """Returns the parameters of a transcription or translation. Raises ProviderRefusal."""
    upload = request.body.upload
    if upload is None or upload.field != "file":
        raise missing_parameter("file")
    for name, value in request.body.fields:
        _check_unicode(name, value)
    return TranscriptionRequest(
        model=model,
        audio=upload.data,
        file_name=upload.name,
        language=text(request, "language") or None,
        prompt=text(request, "prompt"),
        response_format=text(request, "response_format") or "json",
        temperature=number(request, "temperature") or 0.0,
        timestamp_granularities=tuple(map(str, request.all(*GRANULARITIES))),
        sha256=upload.sha256,
    )


def text(request: ReceivedRequest, name: str) -> str | None:
    """Returns a field that is a string or absent. Raises ProviderRefusal."""
    value = request.get(name)
    if value is not None and not isinstance(value, str):
        raise _wrong_type(name, "a string", value)
    return value


def number(request: ReceivedRequest, name: str) -> float | None:
    """Returns a field that is a finite number, or absent, or in a form its decimal notation. Raises ProviderRefusal."""
    value = request.get(name)
    if value is None or value == "":
        return None
    if request.body.encoding == "multipart":
        value = _read_number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(name, "a decimal", request.get(name))
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


def _voice(request: ReceivedRequest) -> str | None:
    """Returns the voice, a name or an object with the `id` of a custom one."""
    voice = request.get("voice")
    if isinstance(voice, dict) and isinstance(voice.get("id"), str):
        return str(voice["id"])
    return text(request, "voice")


def _check_unicode(name: str, value: Any) -> None:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        message = f"The field '{name}' is not valid UTF-8."
        raise ProviderRefusal(message, param=name, code="invalid_value") from None


_JSON_NAMES = {bool: "a boolean", int: "an integer", float: "a decimal", str: "a string", list: "an array"}


def _wrong_type(name: str, wanted: str, found: Any) -> ProviderRefusal:
    got = _JSON_NAMES.get(type(found), "an object")
    message = f"Invalid type for '{name}': expected {wanted}, but got {got} instead."
    return ProviderRefusal(message, param=name, code="invalid_type")

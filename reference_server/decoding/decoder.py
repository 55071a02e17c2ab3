"""Decodes the three requests: which media types an operation takes, and what its fields become.

Contract: Speech, Transcriptions and Translations, Request; rulings, Statuses.
"""

from __future__ import annotations

from typing import Any, TypeVar

from litestar import Request

from reference_server.audio.formats import SPEECH_FORMATS
from reference_server.decoding import fields
from reference_server.decoding.body import Body, Bounds
from reference_server.decoding.form import FILE_FIELD, FormFile, read_form
from reference_server.decoding.header_values import parse
from reference_server.decoding.json_body import read_json_recording, read_small_json
from reference_server.decoding.malformed import explained
from reference_server.decoding.upload import labelled_upload
from reference_server.errors import InvalidField, MalformedBody, UnsupportedMediaType
from reference_server.requests import SpeechRequest, TranscriptionRequest, Upload

AnyRequest = Request[Any, Any, Any]
Found = TypeVar("Found", bound=fields.TranslationFields)

JSON = "application/json"
MULTIPART = "multipart/form-data"


async def speech_request(request: AnyRequest, bounds: Bounds) -> SpeechRequest:
    """Decodes a speech request. Raises InvalidRequest."""
    _accept(request, (JSON,))
    found = await read_small_json(request, bounds, fields.SpeechFields)
    asked = found.response_format
    return SpeechRequest(
        model=fields.required(found.model, "model"),
        input=fields.required(found.input, "input"),
        voice=fields.optional(found.voice),
        response_format=asked if isinstance(asked, str) and asked in SPEECH_FORMATS else None,
        speed=fields.number(found.speed, "speed"),
        instructions=fields.optional(found.instructions),
    )


async def transcription_request(request: AnyRequest, bounds: Bounds) -> TranscriptionRequest:
    """Decodes a transcription from either encoding. The caller closes its upload. Raises InvalidRequest."""
    found, upload = await _either_encoding(request, bounds, fields.TranscriptionFields)
    return TranscriptionRequest(
        model=found.model,
        audio=upload,
        language=fields.optional(found.language),
        prompt=fields.optional(found.prompt),
        response_format=fields.optional(found.response_format),
        temperature=found.temperature,
        timestamp_granularities=tuple(dict.fromkeys([*(found.granularities or ()), *(found.bracketed or ())])),
    )


async def translation_request(request: AnyRequest, bounds: Bounds) -> TranscriptionRequest:
    """Decodes a translation from either encoding; `language` and granularities are dropped.

    The caller closes its upload. Raises InvalidRequest.
    """
    found, upload = await _either_encoding(request, bounds, fields.TranslationFields)
    return TranscriptionRequest(
        model=found.model,
        audio=upload,
        prompt=fields.optional(found.prompt),
        response_format=fields.optional(found.response_format),
        temperature=found.temperature,
    )


async def _either_encoding(request: AnyRequest, bounds: Bounds, kind: type[Found]) -> tuple[Found, Upload]:
    media_type, parameters = _accept(request, (MULTIPART, JSON))
    if media_type == JSON:
        found, upload = await read_json_recording(request, bounds, kind)
    else:
        found, upload = await _from_form(request, bounds, kind, parameters.get("boundary", ""))
    try:
        fields.required(found.model, "model")
        fields.number(found.temperature, "temperature")
    except InvalidField:
        upload.close()
        raise
    return found, upload


async def _from_form(request: AnyRequest, bounds: Bounds, kind: type[Found], boundary: str) -> tuple[Found, Upload]:
    if not boundary:
        raise MalformedBody("The Content-Type multipart/form-data has no boundary: let your HTTP client write it.")
    body = Body(request, bounds.max_form_bytes, bounds.read_timeout_s)
    try:
        form = await read_form(body.pieces(), boundary, bounds.max_upload_bytes)
    except MalformedBody as error:
        raise explained(error, body, json=False) from None
    try:
        found = fields.from_form(form.fields, kind)
        return found, _form_upload(form.file)
    except InvalidField:
        form.close()
        raise


def _form_upload(file: FormFile | None) -> Upload:
    if file is None:
        raise InvalidField(FILE_FIELD, "is missing: send the recording as a file part of the form.")
    if file.size == 0:
        raise InvalidField(FILE_FIELD, "is empty: send a recording.")
    return labelled_upload(file.spooled, file.size, file.file_name, file.content_type)


def _accept(request: AnyRequest, accepted: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    value = request.headers.get("content-type", "")
    media_type, parameters = parse(value)
    if media_type not in accepted:
        raise UnsupportedMediaType(value, accepted)
    return media_type, parameters

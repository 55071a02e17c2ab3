"""Decodes the three requests: which media types an operation takes, and what its fields become.

Contract: Speech, Transcriptions and Translations, Request; rulings, Statuses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from reference_server.audio.formats import SPEECH_FORMATS
from reference_server.contract import AUDIO_API, Contract
from reference_server.decoding import fields
from reference_server.decoding.body import Body, Bounds
from reference_server.decoding.form import FILE_FIELD, FormFile, read_form
from reference_server.decoding.header_values import parse
from reference_server.decoding.json_body import read_json_recording, read_small_json
from reference_server.decoding.malformed import explained
from reference_server.decoding.upload import labelled_upload
from reference_server.errors import InvalidField, MalformedBody, UnsupportedMediaType
from reference_server.incoming import Incoming
from reference_server.requests import Further, Operation, SpeechRequest, TranscriptionRequest, Upload

Found = TypeVar("Found", bound=fields.TranslationFields)

_NAME = re.compile(r"(?P<name>[a-z_]{1,40})(\[[a-z_]{0,40}\])?")
JSON = "application/json"
MULTIPART = "multipart/form-data"


async def speech_request(request: Incoming, bounds: Bounds, contract: Contract = AUDIO_API) -> SpeechRequest:
    """Decodes a speech request. Raises InvalidRequest."""
    _accept(request, (JSON,))
    found = await read_small_json(request, bounds, fields.SpeechFields)
    asked = found.response_format
    return SpeechRequest(
        model=fields.required(found.model, "model"),
        input=fields.required(found.input, "input"),
        voice=None if isinstance(found.voice, dict) else fields.optional(found.voice),
        response_format=asked if isinstance(asked, str) and asked in SPEECH_FORMATS else None,
        speed=fields.number(found.speed, "speed"),
        instructions=fields.optional(found.instructions),
        further=_further_of_speech(found, contract),
    )


def _further_of_speech(found: fields.SpeechFields, contract: Contract) -> Further:
    """The fields for the provider alone; a voice may be one of them, where it is an object. Raises InvalidField."""
    known = contract.further.get(Operation.SPEECH, frozenset())
    if isinstance(found.voice, dict) and "voice" not in known:
        raise InvalidField("voice", "must be a string: the name of a voice.")
    if not known:
        return ()
    sent = {"voice": found.voice if isinstance(found.voice, dict) else None, "stream_format": found.stream_format}
    return tuple((name, value) for name, value in sent.items() if name in known and value)


async def transcription_request(
    request: Incoming, bounds: Bounds, contract: Contract = AUDIO_API
) -> TranscriptionRequest:
    """Decodes a transcription from any encoding. The caller closes its upload. Raises InvalidRequest."""
    reading = _Reading(request, bounds, contract, Operation.TRANSCRIPTION)
    found, upload, further = await reading.read(fields.TranscriptionFields)
    return TranscriptionRequest(
        model=found.model,
        audio=upload,
        language=fields.optional(found.language),
        prompt=fields.optional(found.prompt),
        response_format=fields.optional(found.response_format),
        temperature=found.temperature,
        timestamp_granularities=tuple(dict.fromkeys([*(found.granularities or ()), *(found.bracketed or ())])),
        further=further,
    )


async def translation_request(
    request: Incoming, bounds: Bounds, contract: Contract = AUDIO_API
) -> TranscriptionRequest:
    """Decodes a translation from any encoding; `language` and granularities are dropped.

    The caller closes its upload. Raises InvalidRequest.
    """
    reading = _Reading(request, bounds, contract, Operation.TRANSLATION)
    found, upload, further = await reading.read(fields.TranslationFields)
    return TranscriptionRequest(
        model=found.model,
        audio=upload,
        prompt=fields.optional(found.prompt),
        response_format=fields.optional(found.response_format),
        temperature=found.temperature,
        further=further,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """One request with a recording, being read in whichever encoding it came."""

    request: Incoming
    bounds: Bounds
    contract: Contract
    operation: Operation

    async def read(self, kind: type[Found]) -> tuple[Found, Upload, Further]:
        """The fields, the recording and the fields for the provider alone. Raises InvalidRequest."""
        media_type, parameters = _accept(self.request, (MULTIPART, JSON) if self.contract.takes_json else (MULTIPART,))
        further: Further = ()
        if media_type == JSON:
            found, upload = await read_json_recording(self.request, self.bounds, kind)
        else:
            found, upload, further = await self._form(kind, parameters.get("boundary", ""))
        try:
            fields.required(found.model, "model")
            fields.number(found.temperature, "temperature")
            fields.one_of(found.response_format, "response_format", self.contract.transcript_formats)
        except InvalidField:
            upload.close()
            raise
        return found, upload, further

    async def _form(self, kind: type[Found], boundary: str) -> tuple[Found, Upload, Further]:
        if not boundary:
            raise MalformedBody("The Content-Type multipart/form-data has no boundary: let your HTTP client write it.")
        body = Body(self.request, self.bounds.max_form_bytes, self.bounds.time)
        try:
            form = await read_form(body, boundary, self.bounds.max_upload_bytes)
        except MalformedBody as error:
            raise explained(error, body, json=False) from None
        try:
            found = fields.from_form(form.fields, kind)
            return found, _form_upload(form.file), self._further(form.fields)
        except InvalidField:
            form.close()
            raise

    def _further(self, pairs: list[tuple[str, str]]) -> Further:
        """The fields for the provider alone: `include[]` and `chunking_strategy[type]` go by the name before the bracket."""
        known = self.contract.further.get(self.operation, frozenset())
        return tuple(pair for pair in pairs if (match := _NAME.fullmatch(pair[0])) and match["name"] in known)


def _form_upload(file: FormFile | None) -> Upload:
    if file is None:
        raise InvalidField(FILE_FIELD, "is missing: send the recording as a file part of the form.")
    if file.size == 0:
        raise InvalidField(FILE_FIELD, "is empty: send a recording.")
    return labelled_upload(file.spooled, file.size, file.file_name, file.content_type)


def _accept(request: Incoming, accepted: tuple[str, ...]) -> tuple[str, Mapping[str, str]]:
    value = request.header(b"content-type")
    media_type, parameters = parse(value)
    if media_type not in accepted:
        raise UnsupportedMediaType(value, accepted)
    return media_type, parameters

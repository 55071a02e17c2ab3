"""From bytes to one frozen request value, from either form.

Contract: Speech, Transcriptions and Translations, Request; rulings, Statuses.
"""

from __future__ import annotations

import asyncio
import codecs
import mimetypes
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, TypeVar

import msgspec

from reference_server import base64_text, fields, header_values
from reference_server.audio_kinds import SPOKEN_FORMATS, by_signature
from reference_server.bodies import SPOOL_BYTES, contents, pieces, spool
from reference_server.errors import BodyTooLarge, InvalidField, MalformedBody, UnsupportedMediaType
from reference_server.multipart_form import FILE_FIELD, FormFile, read_form
from reference_server.requests import SpeechRequest, TranscriptionRequest, Upload

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

    from litestar import Request

    AnyRequest = Request[Any, Any, Any]

Found = TypeVar("Found", bound=fields.TranslationFields)
JSON = "application/json"
FORM = "multipart/form-data"
# Room beside the file: the other fields, part headers, JSON syntax.
_ROOM_BYTES = 2 * 1024 * 1024
# One: decoding holds the interpreter's lock, so that two were no faster, and each maps a whole body into memory.
_DECODERS = ThreadPoolExecutor(1, "json-decoder")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;[\x20-\x7e]*)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a body is read: bytes of the decoded file, and seconds until the whole body has arrived."""

    max_upload_bytes: int
    read_timeout_s: float

    @property
    def max_form_bytes(self) -> int:
        return self.max_upload_bytes + _ROOM_BYTES

    @property
    def max_json_bytes(self) -> int:
        return self.max_upload_bytes * 4 // 3 + _ROOM_BYTES


async def speech_request(request: AnyRequest, bounds: Bounds) -> SpeechRequest:
    """Decodes a speech request; raises the errors of InvalidRequest, BodyTooLarge, BodyTooSlow."""
    _accept(request, (JSON,))
    body = b"".join([piece async for piece in pieces(request, _ROOM_BYTES, bounds.read_timeout_s)])
    _check_utf8(body)
    found = fields.from_json(body, fields.SpeechFields)
    asked = found.response_format
    return SpeechRequest(
        model=fields.required(found.model, "model"),
        input=fields.required(found.input, "input"),
        voice=fields.optional(found.voice),
        response_format=asked if isinstance(asked, str) and asked in SPOKEN_FORMATS else None,
        speed=fields.number(found.speed, "speed"),
        instructions=fields.optional(found.instructions),
    )


async def transcription_request(request: AnyRequest, bounds: Bounds) -> TranscriptionRequest:
    """Decodes a transcription from either form. The caller closes its upload."""
    found, upload = await _either_form(request, bounds, fields.TranscriptionFields)
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
    """Decodes a translation from either form; `language` and granularities go no further. The caller closes its upload."""
    found, upload = await _either_form(request, bounds, fields.TranslationFields)
    return TranscriptionRequest(
        model=found.model,
        audio=upload,
        prompt=fields.optional(found.prompt),
        response_format=fields.optional(found.response_format),
        temperature=found.temperature,
    )


async def _either_form(request: AnyRequest, bounds: Bounds, kind: type[Found]) -> tuple[Found, Upload]:
    media_type, parameters = _accept(request, (FORM, JSON))
    if media_type == JSON:
        found, upload = await _from_json(request, bounds, kind)
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
    arriving = pieces(request, bounds.max_form_bytes, bounds.read_timeout_s)
    form = await read_form(arriving, boundary, bounds.max_upload_bytes)
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
    return _upload(file.spooled, file.size, file.file_name, file.content_type)


async def _from_json(request: AnyRequest, bounds: Bounds, kind: type[Found]) -> tuple[Found, Upload]:
    with spool() as file:
        size = await _spool_json(request, bounds, file)
        if size <= SPOOL_BYTES:
            return _read_json(file, size, kind, bounds)
        # Tens of megabytes take a while: other requests go on meanwhile, and only so many are in memory at a time.
        return await asyncio.get_running_loop().run_in_executor(_DECODERS, _read_json, file, size, kind, bounds)


async def _spool_json(request: AnyRequest, bounds: Bounds, file: IO[bytes]) -> int:
    """Spools the body and checks on the way that it is UTF-8, which the JSON decoder does only where it looks."""
    check, size = codecs.getincrementaldecoder("utf-8")(), 0
    try:
        async for piece in pieces(request, bounds.max_json_bytes, bounds.read_timeout_s):
            check.decode(piece)
            size += file.write(piece)
        check.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_utf8() from None
    return size


def _read_json(file: SpooledTemporaryFile[bytes], size: int, kind: type[Found], bounds: Bounds) -> tuple[Found, Upload]:
    with contents(file, size) as buffer:
        found = fields.from_json(buffer, kind)
        audio, found.audio = found.audio, None  # it points into the buffer, which can go only when nobody does
        return found, _json_upload(audio, bounds)


def _json_upload(audio: fields.AudioFields | None, bounds: Bounds) -> Upload:
    if audio is None:
        raise InvalidField("audio", "is missing: send the recording base64-encoded in `audio.data`.")
    text = _characters(audio.data)
    file = spool()
    try:
        size = _decode_base64(text, audio.data, file)
        if size > bounds.max_upload_bytes:
            raise BodyTooLarge(bounds.max_upload_bytes, "file in `audio.data`")  # noqa: TRY301 - the file must be closed
        return _upload(file, size, fields.optional(audio.fileName), fields.optional(audio.contentType))
    except BaseException:
        file.close()
        raise


def _characters(raw: msgspec.Raw) -> memoryview:
    """What stands between the quotes of a JSON string, where it lies."""
    view = memoryview(raw)
    if not view or view[0] == ord("n"):
        raise InvalidField("audio.data", "is missing: it is required.")
    if view[0] != ord('"'):
        raise InvalidField("audio.data", "must be a string of base64.")
    return view[1:-1]


def _decode_base64(text: memoryview, raw: msgspec.Raw, file: IO[bytes]) -> int:
    try:
        try:
            size = base64_text.decode_into(text, file)
        except ValueError:  # perhaps only for its escapes: some clients write every slash as `\\/`
            file.seek(0)
            file.truncate()
            size = base64_text.decode_into(memoryview(msgspec.json.decode(raw, type=str).encode()), file)
    except (ValueError, msgspec.DecodeError):
        raise InvalidField("audio.data", "is not base64: encode the bytes of the file.") from None
    if size == 0:
        raise InvalidField("audio.data", "is empty: send a recording.")
    return size


def _upload(file: IO[bytes], size: int, file_name: str | None, content_type: str | None) -> Upload:
    """Names and labels the recording where the client did not: a provider tells the format by them."""
    file.seek(0)
    kind = by_signature(file.read(64))
    name = file_name or f"audio.{kind.name if kind else 'wav'}"
    if content_type is None or not _MEDIA_TYPE.fullmatch(content_type):
        guessed, _ = mimetypes.guess_type(name)
        content_type = kind.media_type if kind else guessed or "application/octet-stream"
    return Upload(file=file, size=size, file_name=name, content_type=content_type)


def _accept(request: AnyRequest, accepted: tuple[str, ...]) -> tuple[str, dict[str, str]]:
    value = request.headers.get("content-type", "")
    media_type, parameters = header_values.parse(value)
    if media_type not in accepted:
        raise UnsupportedMediaType(value, accepted)
    return media_type, parameters


def _check_utf8(body: bytes) -> None:
    try:
        body.decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _not_utf8() -> MalformedBody:
    return MalformedBody("The body is not UTF-8. Encode the JSON object in UTF-8.")

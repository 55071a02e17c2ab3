"""Reads JSON bodies: small ones whole, those that carry a recording from a spool, without a second copy of the text.

Contract: rulings, Statuses, "`audio.data` that no base64 variant decodes".
"""

from __future__ import annotations

import asyncio
import codecs
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from typing import IO, TypeVar

import msgspec

from reference_server.decoding import base64_audio, fields
from reference_server.decoding.body import ROOM_BYTES, SPOOL_BYTES, Body, Bounds, contents, spool
from reference_server.decoding.malformed import explained
from reference_server.decoding.upload import labelled_upload
from reference_server.errors import BodyTooLarge, InvalidField, MalformedBody
from reference_server.incoming import Incoming
from reference_server.requests import Upload

Found = TypeVar("Found", bound=fields.TranslationFields)
Fields = TypeVar("Fields", bound=msgspec.Struct)

DATA_FIELD = "audio.data"
# One: decoding holds the interpreter's lock, so that two were no faster, and each maps a whole body into memory.
_DECODERS = ThreadPoolExecutor(1, "json-decoder")
# What stands before the data of a `data:` URL is a media type with parameters: never long.
_LONGEST_PREFIX = 1024


async def read_small_json(request: Incoming, bounds: Bounds, kind: type[Fields]) -> Fields:
    """The fields of a request without a recording. Raises InvalidRequest."""
    body = Body(request, ROOM_BYTES, bounds.time)
    try:
        pieces: list[bytes] = []
        await body.read(pieces.append)
        data = b"".join(pieces)
        _check_utf8(data)
        return fields.from_json(data, kind)
    except MalformedBody as error:
        raise explained(error, body, json=True) from None


def _check_utf8(body: bytes) -> None:
    """Checks the whole body, for the JSON decoder looks only at what it needs. Raises MalformedBody."""
    try:
        body.decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None


async def read_json_recording(request: Incoming, bounds: Bounds, kind: type[Found]) -> tuple[Found, Upload]:
    """The fields and the recording of a JSON body. Raises InvalidRequest."""
    body = Body(request, bounds.max_json_bytes, bounds.time)
    with spool() as file:
        try:
            size = await _spool_json(body, file)
            if size <= SPOOL_BYTES:
                return _read(file, size, kind, bounds)
            # Tens of megabytes take a while: other requests go on meanwhile, and only so many are in memory at a time.
            return await asyncio.get_running_loop().run_in_executor(_DECODERS, _read, file, size, kind, bounds)
        except MalformedBody as error:
            raise explained(error, body, json=True) from None


async def _spool_json(body: Body, file: IO[bytes]) -> int:
    """Spools the body and checks on the way that it is UTF-8."""
    check = codecs.getincrementaldecoder("utf-8")()

    def take(piece: bytes) -> None:
        check.decode(piece)
        file.write(piece)

    try:
        await body.read(take)
        check.decode(b"", final=True)
    except UnicodeDecodeError:
        raise _not_utf8() from None
    return file.tell()


def _read(file: SpooledTemporaryFile[bytes], size: int, kind: type[Found], bounds: Bounds) -> tuple[Found, Upload]:
    with contents(file, size) as buffer:
        found = fields.from_json(buffer, kind)
        audio, found.audio = found.audio, None  # it points into the buffer, which can be freed only after it
        return found, _upload(audio, bounds)


def _upload(audio: fields.AudioFields | None, bounds: Bounds) -> Upload:
    if audio is None:
        raise InvalidField("audio", f"is missing: send the recording base64-encoded in `{DATA_FIELD}`.")
    text = _after_prefix(_characters(audio.data))
    file = spool()
    try:
        size = _decode_base64(text, file)
        if size > bounds.max_upload_bytes:
            raise BodyTooLarge(bounds.max_upload_bytes, f"file in `{DATA_FIELD}`")  # noqa: TRY301 - the file must be closed
        names = fields.optional(audio.fileName), fields.optional(audio.contentType)
        return labelled_upload(file, size, *names, param=DATA_FIELD)
    except BaseException:
        file.close()
        raise


def _characters(raw: msgspec.Raw) -> memoryview:
    """What stands between the quotes of a JSON string, where it lies."""
    view = memoryview(raw)
    if not view or view[0] == ord("n"):
        raise InvalidField(DATA_FIELD, "is missing: it is required.")
    if view[0] != ord('"'):
        raise InvalidField(DATA_FIELD, "must be a string of base64.")
    return view[1:-1]


def _after_prefix(text: memoryview) -> memoryview:
    """The data behind the comma of a `data:` URL (browsers' FileReader makes them); any other text as it is."""
    head = bytes(text[:_LONGEST_PREFIX])
    if head[:5].lower() != b"data:":
        return text
    prefix, comma, _ = head.partition(b",")
    if not comma or not prefix.rstrip().lower().endswith(b";base64"):
        raise InvalidField(DATA_FIELD, "is a `data:` URL without base64: send the base64 of the file alone.")
    return text[len(prefix) + 1 :]


def _decode_base64(text: memoryview, file: IO[bytes]) -> int:
    try:
        try:
            size = base64_audio.decode_into(text, file)
        except ValueError:  # perhaps only for its escapes: some clients write every slash as `\\/`
            file.seek(0)
            file.truncate()
            size = base64_audio.decode_into(_unescaped(text), file)
    except (ValueError, msgspec.DecodeError):
        raise InvalidField(DATA_FIELD, "is not base64: encode the bytes of the file.") from None
    if size == 0:
        raise InvalidField(DATA_FIELD, "is empty: send a recording.")
    return size


def _unescaped(text: memoryview) -> memoryview:
    return memoryview(msgspec.json.decode(b'"%b"' % bytes(text), type=str).encode())


def _not_utf8() -> MalformedBody:
    return MalformedBody("The body is not UTF-8. Encode the JSON object in UTF-8.")

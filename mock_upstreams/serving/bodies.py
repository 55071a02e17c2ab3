"""Reads a request's body: forms piece by piece as they arrive, JSON whole.

Nothing is refused here. What cannot be read is noted as the body's `fault`, for the face to refuse and for the
journal to show.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Protocol

from msgspec.structs import replace
from multipart import MultipartError, MultipartSegment, PushMultipartParser

from mock_upstreams.requests import BodyEncoding, ReceivedBody, Upload
from mock_upstreams.serving.dispositions import as_utf_8, names_of
from mock_upstreams.serving.header_values import parameters

_MOST_PARTS = 1000
_MOST_HEADER_BYTES = 65_536
_USUAL_BYTES = 4096  # of a JSON body; longer ones are not remembered


Piecewise = Callable[[], Awaitable[tuple[bytes, bool]]]
"""Brings the next piece of a body, and whether more is to come."""


class BodyTooLarge(Exception):
    """The body is longer than the mock takes; `size` bytes of it were read."""

    def __init__(self, size: int) -> None:
        super().__init__(f"{size} bytes")
        self.size = size


class _Reader(Protocol):
    def feed(self, piece: bytes) -> None: ...

    def finish(self) -> ReceivedBody:
        """The body; who gets it changes nothing in it, for another request may have the same."""
        ...


async def read_body(receive: Piecewise, content_type: str, *, most: int, keep_raw: bool) -> ReceivedBody:
    """Returns the body whose pieces `receive` brings one by one, decoded as its `content_type` says.

    Raises BodyTooLarge: it is longer than `most` bytes.
    """
    reader = _reader_for(content_type)
    raw: list[bytes] = []
    size, more = 0, True
    while more:
        piece, more = await receive()
        size += len(piece)
        if size > most:
            raise BodyTooLarge(size)
        reader.feed(piece)
        if keep_raw:
            raw.append(piece)
    body = reader.finish()
    return replace(body, raw=b"".join(raw)) if keep_raw else body


def _reader_for(content_type: str) -> _Reader:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        boundary = dict(parameters(content_type)).get("boundary")
        return _FormReader(media_type, boundary.text.strip() if boundary else "")
    return _WholeReader(media_type, "json" if media_type == "application/json" else "other")


class _WholeReader:
    """Keeps the body until its end, then reads it as JSON if that is what it was announced as."""

    def __init__(self, media_type: str, encoding: BodyEncoding) -> None:
        self._media_type = media_type
        self._encoding = encoding
        self._pieces: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def finish(self) -> ReceivedBody:
        data = b"".join(self._pieces)
        if self._encoding != "json":
            return ReceivedBody(self._encoding, self._media_type, size=len(data))
        return (_json_read_before if len(data) <= _USUAL_BYTES else _json)(data, self._media_type)


def _json(data: bytes, media_type: str) -> ReceivedBody:
    body = ReceivedBody("json", media_type, size=len(data))
    try:
        document = _DECODER.decode(data.decode(json.detect_encoding(data), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        return replace(body, fault=f"We could not parse the JSON body of your request ({error}).")
    if not isinstance(document, _Pairs):
        return replace(body, fault="The JSON body of your request is not an object.")
    return replace(body, fields=document.pairs)


_json_read_before = lru_cache(maxsize=256)(_json)


class _Pairs(dict[str, Any]):
    """A JSON object that remembers its pairs in order, repeated names included."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = tuple(pairs)


def _refuse_constant(name: str) -> None:
    message = f"{name} is no JSON number"
    raise ValueError(message)


_DECODER = json.JSONDecoder(object_pairs_hook=_Pairs, parse_constant=_refuse_constant)


@dataclass(slots=True, eq=False)
class _Part:
    name: str
    file_name: str | None
    content_type: str | None
    disposition: str
    pieces: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, segment: MultipartSegment) -> _Part:
        disposition = segment.header("Content-Disposition", "")
        name, file_name = names_of(disposition)
        return cls(name or "", file_name, segment.header("Content-Type"), as_utf_8(disposition))

    @property
    def is_file(self) -> bool:
        return self.file_name is not None or self.name == "file"

    def text(self) -> str:
        return b"".join(self.pieces).decode("utf-8", "surrogateescape")

    def upload(self) -> Upload:
        data = b"".join(self.pieces)
        digest = hashlib.sha256(data).hexdigest()
        return Upload(self.name, self.file_name, self.content_type, self.disposition, data, len(data), digest)


class _FormReader:
    """Parses a multipart form as it comes in; what came before a fault is kept."""

    def __init__(self, media_type: str, boundary: str) -> None:
        self._body = ReceivedBody("multipart", media_type)
        self._size = 0
        self._parts: list[_Part] = []
        self._parser: PushMultipartParser | None = None
        self._fault: str | None = None
        if not boundary:
            self._fault = "The form has no boundary in its Content-Type."
            return
        self._parser = PushMultipartParser(
            boundary.encode("latin-1"),
            header_charset="latin-1",  # takes any byte; names are read as UTF-8 afterwards
            max_segment_count=_MOST_PARTS,
            max_header_size=_MOST_HEADER_BYTES,
            max_header_count=64,
        )

    def feed(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._parser is None or self._fault or not piece:
            return
        try:
            for event in self._parser.parse(piece):
                if isinstance(event, MultipartSegment):
                    self._parts.append(_Part.of(event))
                elif event:
                    self._parts[-1].pieces.append(event)
        except MultipartError as error:
            self._fault = f"We could not parse the multipart form of your request ({error})."

    def finish(self) -> ReceivedBody:
        if self._parser is not None and not self._fault:
            self._close(self._parser)
        fields = tuple([(part.name, part.text()) for part in self._parts if not part.is_file])
        upload = next((part.upload() for part in self._parts if part.is_file), None)
        return replace(self._body, fields=fields, upload=upload, fault=self._fault, size=self._size)

    def _close(self, parser: PushMultipartParser) -> None:
        try:
            parser.close()
        except MultipartError:
            self._fault = "We could not parse the multipart form of your request (it ends before its last boundary)."

"""Request bodies, byte by byte: JSON, and multipart written here because checks vary what a library would normalise."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

JSON_TYPE = "application/json"
_LARGE = 2**20


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes with the Content-Type that goes with them."""

    data: bytes
    content_type: str


class Identified(Protocol):
    """What a recorded upload is compared with: its size in bytes, and their SHA-256 in hexadecimal."""

    @property
    def size(self) -> int: ...

    @property
    def digest(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """An audio file as a client holds it: bytes, file name (None for a part without one) and media type."""

    data: bytes
    file_name: str | None = "speech.wav"
    content_type: str | None = "audio/wav"

    @property
    def size(self) -> int:
        return len(self.data)

    @property
    def digest(self) -> str:
        """The bytes' SHA-256 in hexadecimal, by which recorded calls identify an upload."""
        return hashlib.sha256(self.data).hexdigest()


def json_body(value: Any, *, ensure_ascii: bool = False, content_type: str = JSON_TYPE) -> Body:
    if _is_large(value) and not ensure_ascii:
        return Body(msgspec.json.encode(value), content_type)
    return Body(json.dumps(value, ensure_ascii=ensure_ascii).encode("utf-8"), content_type)


def _is_large(value: Any) -> bool:
    """Whether a member's text, or a member's member's, is so long that Python's own encoder takes a tenth of a second."""
    if isinstance(value, dict):
        return any(_is_large(member) for member in value.values())
    return isinstance(value, str) and len(value) > _LARGE


Field = tuple[str, str | bytes | Upload]


def multipart_body(fields: Iterable[Field], *, boundary: str | None = None, preamble: bytes = b"") -> Body:
    """A multipart/form-data body with the fields in the order given; repeated names stay repeated."""
    boundary = boundary or f"conformance-{uuid.uuid4().hex}"
    parts = [preamble]
    for name, value in fields:
        parts += [f"--{boundary}\r\n".encode(), _part(name, value), b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return Body(b"".join(parts), f"multipart/form-data; boundary={boundary}")


def _part(name: str, value: str | bytes | Upload) -> bytes:
    if not isinstance(value, Upload):
        data = value.encode("utf-8") if isinstance(value, str) else value
        return f'Content-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + data
    disposition = f'Content-Disposition: form-data; name="{name}"'
    if value.file_name is not None:
        disposition += f'; filename="{escape_file_name(value.file_name)}"'
    media_type = f"\r\nContent-Type: {value.content_type}" if value.content_type else ""
    return f"{disposition}{media_type}\r\n\r\n".encode() + value.data


def escape_file_name(name: str) -> str:
    """As browsers and the official clients write it (WHATWG form data): raw UTF-8, with quotes and line breaks as %XX."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def audio_object(upload: Upload) -> dict[str, str]:
    """The base64 audio object of the JSON form; absent name and type stay absent."""
    value = {"data": base64.b64encode(upload.data).decode("ascii")}
    if upload.file_name is not None:
        value["fileName"] = upload.file_name
    if upload.content_type is not None:
        value["contentType"] = upload.content_type
    return value


def transcript_json(upload: Upload | None, fields: Mapping[str, Any]) -> Body:
    """The JSON form of a transcript request; `timestamp_granularities` is a list in `fields`."""
    audio = {} if upload is None else {"audio": audio_object(upload)}
    return json_body({**fields, **audio})


def transcript_multipart(upload: Upload | None, fields: Mapping[str, Any]) -> Body:
    """The multipart form of the same request: lists become repeated `name[]` fields, numbers their shortest text."""
    pairs: list[Field] = []
    for name, value in fields.items():
        if isinstance(value, (list, tuple)):
            pairs += [(f"{name}[]", str(item)) for item in value]
        else:
            pairs.append((name, value if isinstance(value, (str, bytes)) else json.dumps(value)))
    if upload is not None:
        pairs.append(("file", upload))
    return multipart_body(pairs)

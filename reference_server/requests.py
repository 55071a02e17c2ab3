"""The decoded request: one frozen value per operation, whatever encoding it came in.

Contract: Speech, Transcriptions and Translations, Request.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from enum import StrEnum
from typing import IO, Any

import msgspec
from msgspec.structs import force_setattr

CHUNK_BYTES = 64 * 1024

Further = tuple[tuple[str, Any], ...]
"""Fields that mean something to the provider alone, as they were sent, in the order sent."""


class Operation(StrEnum):
    """What a request asks for; the values are the words used in configuration and messages."""

    SPEECH = "speech"
    TRANSCRIPTION = "transcription"
    TRANSLATION = "translation"


class SpeechRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A text to synthesize. `model` is the client's key until routing puts the provider's name in its place.

    Optional fields are None when absent, null, empty or, for `response_format`, not one of the six names.
    """

    model: str
    input: str
    voice: str | None = None
    response_format: str | None = None
    speed: float | None = None
    instructions: str | None = None
    further: Further = ()


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """An uploaded recording, spooled: `size` bytes in `file`, which may be on disk.

    `file_name` and `content_type` are the client's own where it sent any, else sensible ones. `param` is the field that
    brought it: `file` in a form, `audio.data` in JSON.
    """

    file: IO[bytes]
    size: int
    file_name: str
    content_type: str
    param: str = "file"
    _digest: tuple[IO[bytes], str] | None = None

    def sha256(self) -> str:
        """The digest of all bytes, in hexadecimal. Computed once."""
        if self._digest is None or self._digest[0] is not self.file:
            force_setattr(self, "_digest", (self.file, hashlib.sha256(self.read()).hexdigest()))
        return self._digest[1]  # type: ignore[index]  # it was set just now

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the start, in pieces of at most `CHUNK_BYTES`."""
        self.file.seek(0)
        while chunk := self.file.read(CHUNK_BYTES):
            yield chunk

    def read(self) -> bytes:
        """All bytes at once, for an adapter that needs them whole."""
        self.file.seek(0)
        return self.file.read()

    def close(self) -> None:
        """Frees the memory or disk space."""
        self.file.close()


class TranscriptionRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A recording to transcribe, or to translate (then without `language` and granularities).

    `temperature` is a float, or an int where the client sent one. Optional fields are None when absent, null or empty.
    """

    model: str
    audio: Upload
    language: str | None = None
    prompt: str | None = None
    response_format: str | None = None
    temperature: float | None = None
    timestamp_granularities: tuple[str, ...] = ()
    further: Further = ()

"""Large recordings made up on the fly: a wav header, then noise that differs from block to block and from file to file."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import struct
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLOCK = 3 * 2**18  # a multiple of three: base64 of blocks is base64 of the whole
_BOUNDARY = "benchmark-7f3a9c"


@dataclass(frozen=True)
class Recording:
    """``size`` bytes of audio that no other recording of the same seed shares; ``number`` tells it apart."""

    number: int
    size: int
    seed: int

    @cached_property
    def sha256(self) -> str:
        """What the provider must find that it got."""
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """The bytes. Each block bears its place, so that no mix-up or repetition keeps the hash."""
        noise = random.Random(f"{self.seed}/{self.number}").randbytes(_BLOCK)  # noqa: S311 - reproducible on purpose
        for start in range(0, self.size, _BLOCK):
            head = _wav_header(self.size) if start == 0 else struct.pack(">QQ", self.number, start)
            yield (head + noise[len(head) :])[: self.size - start]

    def form(self, model: str) -> Body:
        """As a multipart form."""
        name = f"recording-{self.number}.wav"
        head = (
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="model"\r\n\r\n{model}\r\n'
            f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
            "Content-Type: audio/wav\r\n\r\n"
        ).encode()
        tail = f"\r\n--{_BOUNDARY}--\r\n".encode()
        return Body(f"multipart/form-data; boundary={_BOUNDARY}", len(head) + self.size + len(tail), self, head, tail)

    def json(self, model: str) -> Body:
        """As a JSON object with the audio in base64."""
        audio = {"data": "", "fileName": f"recording-{self.number}.wav", "contentType": "audio/wav"}
        head, _, tail = json.dumps({"model": model, "audio": audio}).partition('"data": "')
        length = len(head) + len('"data": "') + (self.size + 2) // 3 * 4 + len(tail)
        return Body("application/json", length, self, (head + '"data": "').encode(), tail.encode(), encoded=True)


@dataclass(frozen=True)
class Body:
    """A request's body with a recording in it, made while it is sent: ``length`` bytes in all."""

    content_type: str
    length: int
    recording: Recording
    head: bytes
    tail: bytes
    encoded: bool = False

    def pieces(self) -> Iterator[bytes]:
        """The bytes in order."""
        yield self.head
        for block in self.recording.blocks():
            yield base64.b64encode(block) if self.encoded else block
        yield self.tail


def _wav_header(size: int) -> bytes:
    """44 bytes: 16 kHz, mono, 16 bits."""
    sizes = min(size, 2**32 - 1)
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 16_000, 32_000, 2, 16)
    return struct.pack("<4sI4s", b"RIFF", sizes - 8, b"WAVE") + layout + struct.pack("<4sI", b"data", sizes - 44)

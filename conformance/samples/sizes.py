"""Inputs and uploads of an exact size, and such as are too large to be held whole."""

from __future__ import annotations

import base64
import hashlib
import itertools
from dataclasses import dataclass, replace
from functools import cached_property

from conformance.audio.writing import HEADER_BYTES, wav_file, wav_header
from conformance.http.bodies import Upload
from conformance.http.exchange import Filling, Request

_BLOCK = 2016
_FIRST_SAMPLES = 4  # with the header a multiple of three
_PHRASE = "Un caf\u00e9 tr\u00e8s fort, s'il vous pla\u00eet. "


def text_of(characters: int, marker: str) -> str:
    """A text of exactly so many characters, letters at both ends; with the marker in front where it fits."""
    text = f"{marker}. " if len(marker) + 2 < characters else ""
    text += _PHRASE * (characters // len(_PHRASE) + 1)
    return f"{text[: characters - 1]}\u00e9" if characters else ""


def wav_of(size: int, marker: str) -> Upload:
    """A wav file of exactly so many bytes, noise of the marker's own; of fewer than a header has, the header's first."""
    noise = _noise(marker, max(size - HEADER_BYTES, 0))
    return Upload(wav_file(noise, rate=16_000, bits=16)[:size], f"{marker}.wav", "audio/wav")


@dataclass(frozen=True)
class LongUpload:
    """A wav file of many megabytes that is never held whole: its beginning, and a block that is repeated behind it.

    Both have a multiple of three bytes, so that the same holds in base64.
    """

    beginning: Upload
    block: bytes
    times: int

    @property
    def size(self) -> int:
        return len(self.beginning.data) + len(self.block) * self.times

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all its bytes in hexadecimal."""
        whole = hashlib.sha256(self.beginning.data)
        for _ in range(self.times):
            whole.update(self.block)
        return whole.hexdigest()

    def within(self, request: Request) -> Request:
        """A request that uploads the beginning, in either form, made to upload it all."""
        data = self.beginning.data
        for head, block in ((data, self.block), (base64.b64encode(data), base64.b64encode(self.block))):
            if (at := request.body.find(head)) >= 0:
                return replace(request, filling=Filling(at + len(head), block, self.times))
        raise ValueError("the request does not upload the beginning")


def long_wav(least: int, marker: str) -> LongUpload:
    """A wav file of `least` bytes or up to a block more, noise of the marker's own."""
    block = _noise(marker, _BLOCK)
    samples = block[:_FIRST_SAMPLES]
    times = -(-(least - HEADER_BYTES - len(samples)) // len(block))
    header = wav_header(len(samples) + len(block) * times, rate=16_000, bits=16)
    return LongUpload(Upload(header + samples, f"{marker}.wav", "audio/wav"), block, times)


def long_text(request: Request, marker: str, least: int) -> Request:
    """A request with the marker in its text, made to have so many bytes of text, or up to a phrase more, behind that."""
    phrase = _PHRASE.encode()
    return replace(
        request, filling=Filling(request.body.index(marker.encode()) + len(marker), phrase, -(-least // len(phrase)))
    )


def _noise(marker: str, size: int) -> bytes:
    block = b"".join(hashlib.sha256(f"{marker}{number}".encode()).digest() for number in range(64))
    return b"".join(itertools.repeat(block, size // len(block) + 1))[:size]

"""Inputs and uploads of an exact size."""

from __future__ import annotations

import hashlib
import itertools

from conformance.audio.writing import HEADER_BYTES, wav_file
from conformance.http.bodies import Upload

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


def _noise(marker: str, size: int) -> bytes:
    block = b"".join(hashlib.sha256(f"{marker}{number}".encode()).digest() for number in range(64))
    return b"".join(itertools.repeat(block, size // len(block) + 1))[:size]

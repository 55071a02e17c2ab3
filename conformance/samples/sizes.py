"""Inputs and uploads of an exact size."""

from __future__ import annotations

import hashlib
import itertools

from conformance.http.bodies import Upload

_HEAD = 44
_PHRASE = "Un caf\u00e9 tr\u00e8s fort, s'il vous pla\u00eet. "


def text_of(characters: int, marker: str) -> str:
    """A text of exactly so many characters, letters at both ends; with the marker in front where it fits."""
    text = f"{marker}. " if len(marker) + 2 < characters else ""
    text += _PHRASE * (characters // len(_PHRASE) + 1)
    return f"{text[: characters - 1]}\u00e9" if characters else ""


def wav_of(size: int, marker: str) -> Upload:
    """A wav file of exactly so many bytes, noise of the marker's own; below the size of a head, its bytes alone."""
    noise = _noise(marker, max(size - _HEAD, 0))
    rate, width = 16_000, 2
    riff = b"RIFF" + (size - 8 if size > _HEAD else 0).to_bytes(4, "little") + b"WAVE"
    form = b"fmt " + b"".join(
        n.to_bytes(s, "little") for n, s in ((16, 4), (1, 2), (1, 2), (rate, 4), (rate * width, 4), (2, 2), (16, 2))
    )
    head = riff + form + b"data" + len(noise).to_bytes(4, "little")
    return Upload((head + noise)[:size], f"{marker}.wav", "audio/wav")


def _noise(marker: str, size: int) -> bytes:
    block = b"".join(hashlib.sha256(f"{marker}{number}".encode()).digest() for number in range(64))
    return b"".join(itertools.repeat(block, size // len(block) + 1))[:size]

"""The plain kind of wav, 16-bit PCM, written and read without FFmpeg, which spends milliseconds on probing it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PCM, _BITS = 1, 16
_MOST_CHUNKS = 64  # before the samples; a real file has a handful


@dataclass(frozen=True, slots=True)
class PlainWav:
    """The samples of a file, one row a moment and one column a channel, at `rate` Hz."""

    samples: NDArray[np.int16]
    rate: int


def wav_header(size: int, rate: int) -> bytes:
    """Returns the 44 bytes before `size` bytes of mono samples."""
    form = struct.pack("<HHIIHH", _PCM, 1, rate, 2 * rate, 2, _BITS)
    return struct.pack("<4sI4s4sI16s4sI", b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, form, b"data", size)


def read_wav(data: bytes) -> PlainWav | None:
    """Returns the samples of a mono or stereo wav of 16-bit PCM, as far as they go; `None` for any other file."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    form, at = b"", 12
    for _ in range(_MOST_CHUNKS):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"data":
            return _plain(form, memoryview(data)[at + 8 : at + 8 + size])
        if name == b"fmt ":
            form = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return None


def headerless(data: bytes, rate: int) -> PlainWav:
    """Returns the mono samples of a file without a header."""
    return PlainWav(_samples(data, 2).reshape(-1, 1), rate)


def _samples(data: bytes | memoryview, block: int) -> NDArray[np.int16]:
    """Returns whole blocks of samples; what is left over at the end is none."""
    return np.frombuffer(data[: len(data) // block * block], "<i2").astype(np.int16, copy=False)


def _plain(form: bytes, data: memoryview) -> PlainWav | None:
    if len(form) < 16:
        return None
    kind, channels, rate, _, block, bits = struct.unpack_from("<HHIIHH", form)
    if kind != _PCM or bits != _BITS or channels not in (1, 2) or block != 2 * channels:
        return None
    return PlainWav(_samples(data, block).reshape(-1, channels), rate)

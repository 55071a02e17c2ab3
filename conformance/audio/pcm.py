"""Judges a pcm body: headerless signed 16-bit little-endian samples, of which nearly any bytes could be some.

So only two things are problems: bytes that are recognisably something else, and bytes that are harsh noise as they
stand yet turn smooth when read another way. Noise either way, silence, and clips too short to tell are all legal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from conformance.audio.remarks import Remarks
from conformance.audio.sniffing import identify, mangled_text
from conformance.audio.wav import find_header

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

ASSUMED_RATE = 24000
"""Hertz; the rate of OpenAI's pcm. Nothing in the bytes says it."""

_WINDOW = 2048
"""Bytes judged together; fewer tell nothing about byte order (at 24 kHz, a 23rd of a second)."""
_HARSH = 0.9
_SMOOTH = 0.45
_SHARE = 0.1
"""Of the windows that are not silent, how many must turn smooth: a lost byte may spoil only the end of a body."""
_MOST_JUDGED = 1 << 22
_LEAST_FLOAT, _MOST_FLOAT = 1e-7, 4.0


def walk(data: bytes) -> Remarks:
    """Judge `data` as pcm, which must not be empty."""
    remarks = Remarks()
    found = identify(data)
    if found not in ("unknown", "text") or (found == "text" and _varied(data)):
        remarks.problem(f"the bytes are {found}, not headerless pcm")
    elif (header := find_header(data)) >= 0:
        remarks.problem(f"a wav header stands at byte {header}: pcm has none")
    elif mangled := mangled_text(data):
        remarks.problem(mangled)
    if len(data) % 2:
        remarks.problem(f"{len(data)} bytes are no whole number of 16-bit samples")
    if not remarks.problems and (other := _other_reading(data)):
        remarks.problem(f"read as signed 16-bit little-endian it is noise, yet smooth audio as {other}")
    return remarks


def _varied(data: bytes) -> bool:
    """Tell text from a steady sound whose samples happen to spell letters: both halves of the samples must vary."""
    return min(len(set(data[::2])), len(set(data[1::2]))) >= 4


def _other_reading(data: bytes) -> str | None:
    """Name the reading that makes audio of stretches which are noise as they stand."""
    head = data[: min(len(data), _MOST_JUDGED) // _WINDOW * _WINDOW + 1]
    plain = _roughness(_little(head), _WINDOW // 2)
    harsh, audible = plain >= _HARSH, np.count_nonzero(plain)
    if not harsh.any():
        return None
    for name, (read, sample_size) in _READINGS.items():
        smooth = _roughness(read(head), _WINDOW // sample_size) < _SMOOTH
        if np.count_nonzero(harsh[: smooth.size] & smooth) > _SHARE * audible:
            return name
    return None


def _roughness(samples: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean step between neighbours over mean size, per window: 0.1 to 0.5 for speech, about 1.3 for noise."""
    rows: NDArray[np.float64] = samples[: samples.size // window * window].reshape(-1, window)
    sizes = np.abs(rows - np.median(rows, axis=1, keepdims=True)).mean(axis=1)
    steps = np.abs(np.diff(rows, axis=1)).mean(axis=1)
    ratios: NDArray[np.float64] = np.divide(steps, sizes, out=np.zeros_like(steps), where=sizes > 0)
    return ratios


def _little(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<i2", len(data) // 2).astype(np.float64)


def _big(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, ">i2", len(data) // 2).astype(np.float64)


def _shifted(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<i2", (len(data) - 1) // 2, offset=1).astype(np.float64)


def _floats(data: bytes) -> NDArray[np.float64]:
    """Read the samples as 32-bit floats if nearly all of them could be; else none."""
    values = np.frombuffer(data, "<f4", len(data) // 4)
    values = np.where(np.isfinite(values), values, np.float32(np.inf)).astype(np.float64)
    sizes = np.abs(values)
    sensible = (sizes < _MOST_FLOAT) & ((sizes > _LEAST_FLOAT) | (sizes == 0))
    # Sound swings around zero. Without that, samples at half the rate's frequency would pass for a row of like floats.
    swings = 0.05 < float(np.mean(values > 0)) < 0.95
    return values if swings and float(np.mean(sensible)) > 0.99 else np.empty(0)


_READINGS: dict[str, tuple[Callable[[bytes], NDArray[np.float64]], int]] = {
    "big-endian": (_big, 2),
    "little-endian from an odd byte on (one was lost or added before it)": (_shifted, 2),
    "32-bit floats": (_floats, 4),
}

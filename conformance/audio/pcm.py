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

_LEAST_SAMPLES = 1000
"""Fewer samples than this tell nothing about byte order (at 24 kHz, a 24th of a second)."""
_HARSH = 0.9
_SMOOTH = 0.45
_SHARE_TO_JUDGE = 1 << 20
_LEAST_FLOAT, _MOST_FLOAT = 1e-7, 4.0


def walk(data: bytes) -> Remarks:
    """Judge `data` as pcm, which must not be empty."""
    remarks = Remarks()
    found = identify(data)
    if found != "unknown":
        remarks.problem(f"the bytes are {found}, not headerless pcm")
    elif (header := find_header(data)) >= 0:
        remarks.problem(f"a wav header stands at byte {header}: pcm has none")
    elif mangled := mangled_text(data):
        remarks.problem(mangled)
    if len(data) % 2:
        remarks.problem(f"{len(data)} bytes are no whole number of 16-bit samples")
    if not remarks.problems and (other := _other_reading(data)):
        remarks.problem(f"read as signed 16-bit little-endian it is noise, yet it is smooth audio as {other}")
    return remarks


def _other_reading(data: bytes) -> str | None:
    """Name the reading that makes audio of bytes which are noise as they stand."""
    head = data[:_SHARE_TO_JUDGE]
    if len(head) // 2 < _LEAST_SAMPLES or _roughness(_little(head)) < _HARSH:
        return None
    return next((name for name, read in _READINGS.items() if _roughness(read(head)) < _SMOOTH), None)


def _roughness(samples: NDArray[np.float64]) -> float:
    """Mean step between neighbours over mean size: under 0.5 for speech, about 1.3 for noise, 2 at the very most."""
    if samples.size < _LEAST_SAMPLES // 2:
        return 2.0
    centred = samples - np.median(samples)
    size = float(np.abs(centred).mean())
    return float(np.abs(np.diff(samples)).mean()) / size if size else 0.0


def _little(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<i2", len(data) // 2).astype(np.float64)


def _big(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, ">i2", len(data) // 2).astype(np.float64)


def _shifted(data: bytes) -> NDArray[np.float64]:
    return np.frombuffer(data, "<i2", len(data) // 2 - 1, offset=1).astype(np.float64)


def _floats(data: bytes) -> NDArray[np.float64]:
    """Read the samples as 32-bit floats if nearly all of them could be; else none."""
    values = np.frombuffer(data, "<f4", len(data) // 4).astype(np.float64)
    sizes = np.abs(values)
    sensible = np.isfinite(values) & (sizes < _MOST_FLOAT) & ((sizes > _LEAST_FLOAT) | (sizes == 0))
    return values if sensible.mean() > 0.99 else np.empty(0)


_READINGS: dict[str, Callable[[bytes], NDArray[np.float64]]] = {
    "big-endian": _big,
    "little-endian shifted by one byte (a byte was lost or added at the front)": _shifted,
    "32-bit floats": _floats,
}

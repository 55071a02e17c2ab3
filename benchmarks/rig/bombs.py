"""Audio that is small to send and long to hear."""

from __future__ import annotations

import io
import struct
from functools import cache

import av
import numpy as np

_RATE = 8000
_FRAME = 4608


@cache
def hours_of_silence(hours: float = 1.2) -> bytes:
    """A FLAC file of silence, 23 bytes for each half second: each frame of it says that all its samples are equal."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=_RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, _FRAME), np.int16), format="s16", layout="mono")
        frame.rate = _RATE
        for number in range(int(hours * 3600 * _RATE / _FRAME)):
            frame.pts = number * _FRAME
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


@cache
def lying_wav() -> bytes:
    """A header that announces four gigabytes of samples at 1 Hz, then hardly any."""
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 1, 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 2**32 - 1, b"WAVE")
        + layout
        + struct.pack("<4sI", b"data", 2**32 - 38)
        + bytes(64)
    )

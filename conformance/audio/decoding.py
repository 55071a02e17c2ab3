"""Decodes a whole body with FFmpeg (through PyAV), whose decoders are told to refuse what they would else conceal.

FFmpeg reports some damage only in its log, and its log is one for the whole process. Nothing here reads or configures
it: several checks may decode at once, and each learns what it needs from the decoder's own return values.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import av
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.audio.frame import AudioFrame

_STRICT = {"err_detect": "crccheck+bitstream+buffer+explode"}
_MOST_SECONDS = 3600
_MOST_VALUES = _MOST_SECONDS * 48000 * 2


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out of the decoder: `samples` per channel, the codec's name, and the first fault it met, if any.

    `capped` says that decoding stopped at the limit of an hour; what lies behind was not decoded.
    """

    samples: int = 0
    sample_rate: int = 0
    channels: int = 0
    codec: str = ""
    silent: bool = True
    capped: bool = False
    fault: str | None = None

    @property
    def duration_s(self) -> float:
        """Seconds of audio that came out."""
        return self.samples / self.sample_rate if self.sample_rate else 0.0


@dataclass(slots=True)
class _Tally:
    samples: int = 0
    values: int = 0
    sample_rate: int = 0
    channels: int = 0
    codec: str = ""
    silent: bool = True

    def add(self, frame: AudioFrame) -> None:
        self.samples += frame.samples
        self.sample_rate, self.channels = frame.sample_rate, frame.layout.nb_channels
        self.values += frame.samples * self.channels
        self.silent = self.silent and _is_silent(frame)

    @property
    def full(self) -> bool:
        return self.values >= _MOST_VALUES or self.samples >= _MOST_SECONDS * max(self.sample_rate, 1)


def decode(data: bytes, container: str) -> Decoded:
    """Decode all of `data` with the named FFmpeg demuxer. Never raises for what the bytes hold."""
    tally, fault = _Tally(), None
    try:
        for frame in _frames(data, container, tally):
            tally.add(frame)
            if tally.full:
                break
    except (av.error.FFmpegError, OSError, ValueError) as error:
        fault = f"after {tally.samples} samples: {error}"
    return Decoded(
        tally.samples, tally.sample_rate, tally.channels, tally.codec, tally.silent, fault is None and tally.full, fault
    )


def _frames(data: bytes, container: str, tally: _Tally) -> Iterator[AudioFrame]:
    # Tags may be in any encoding: without metadata_errors, one in Latin-1 would end the decoding.
    with av.open(io.BytesIO(data), "r", container, metadata_errors="ignore") as opened:
        if not opened.streams.audio:
            raise ValueError("there is no audio stream in it")
        stream = opened.streams.audio[0]
        # None where FFmpeg has no decoder for the codec, whatever the annotations of PyAV say.
        if getattr(stream, "codec_context", None) is None:
            raise ValueError("there is no decoder for its codec")
        stream.codec_context.options = dict(_STRICT)
        stream.codec_context.thread_type = "NONE"
        tally.codec = stream.codec_context.name
        for packet in opened.demux(stream):
            yield from packet.decode()


def _is_silent(frame: AudioFrame) -> bool:
    samples = frame.to_ndarray()
    middle = 128 if samples.dtype == np.uint8 else 0
    return not np.any(samples != middle)

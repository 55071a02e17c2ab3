"""Converts between samples and files: the six formats of the contract out, any plain recording in. By FFmpeg (PyAV)."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from reference_server.audio.duration import READING_OPTIONS, sum_of_packets
from reference_server.refusals import Reason
from reference_server.upstreams.local_engines.messages import CannotServe

SPEECH_RATE = 24_000
RECOGNITION_RATE = 16_000
# Whisper takes about a fifth of a recording's length: an hour is more than any time-out allows.
LONGEST_S = 3600.0


@dataclass(frozen=True, slots=True)
class _Recipe:
    """FFmpeg's names for one format; `bit_rate` in bits per second, None where nothing is lost."""

    container: str
    codec: str
    sample_format: str = "s16"
    bit_rate: int | None = None


_RECIPES = MappingProxyType(
    {
        "mp3": _Recipe("mp3", "libmp3lame", "s16p", 96_000),
        "opus": _Recipe("ogg", "libopus", "s16", 48_000),
        "aac": _Recipe("adts", "aac", "fltp", 96_000),
        "flac": _Recipe("flac", "flac"),
        "wav": _Recipe("wav", "pcm_s16le"),
        "pcm": _Recipe("s16le", "pcm_s16le"),
    }
)


def encode(pieces: Iterable[bytes], rate: int, name: str) -> bytes:
    """Mono 16-bit samples at `rate` Hz, given piece by piece, as a whole file in the format `name`, at 24 kHz."""
    recipe, file = _RECIPES[name], io.BytesIO()
    with av.open(file, "w", format=recipe.container) as container:
        stream = cast("AudioStream", container.add_stream(recipe.codec, rate=SPEECH_RATE))
        stream.layout = "mono"
        stream.format = recipe.sample_format
        if recipe.bit_rate is not None:
            stream.bit_rate = recipe.bit_rate
        resampler = av.AudioResampler(recipe.sample_format, "mono", SPEECH_RATE, stream.codec_context.frame_size)
        for piece in pieces:
            frame = av.AudioFrame.from_ndarray(np.frombuffer(piece, "<i2").reshape(1, -1), "s16", "mono")
            frame.sample_rate = rate
            for each in resampler.resample(frame):
                container.mux(stream.encode(each))
        for each in resampler.resample(None):
            container.mux(stream.encode(each))
        container.mux(stream.encode(None))
    return file.getvalue()


def decode(data: bytes) -> NDArray[np.float32]:
    """The first audio track as mono samples from -1 to 1 at 16 kHz.

    Raises CannotServe. How long it is is measured from its packets before anything is decoded.
    """
    try:
        if _measured(data) > LONGEST_S:
            raise CannotServe(Reason.AUDIO_TOO_LONG)
        blocks = _blocks(data)
    except (av.error.FFmpegError, ValueError):
        raise CannotServe(Reason.AUDIO_DAMAGED) from None
    if not blocks:
        raise CannotServe(Reason.AUDIO_TOO_SHORT)
    return np.concatenate(blocks).astype(np.float32) / np.float32(32768)


def _measured(data: bytes) -> float:
    with av.open(io.BytesIO(data), "r", container_options=READING_OPTIONS) as container:
        if not container.streams.audio:
            raise CannotServe(Reason.NO_AUDIO_TRACK)
        return sum_of_packets(container)


def _blocks(data: bytes) -> list[NDArray[np.int16]]:
    resampler = av.AudioResampler("s16", "mono", RECOGNITION_RATE)
    blocks: list[NDArray[np.int16]] = []
    left = int(LONGEST_S * RECOGNITION_RATE)
    with av.open(io.BytesIO(data), "r", container_options=READING_OPTIONS) as container:
        for frame in container.decode(container.streams.audio[0]):
            found = [each.to_ndarray()[0] for each in resampler.resample(frame)]
            left -= sum(block.size for block in found)
            if left < 0:  # packets may lie about their length
                raise CannotServe(Reason.AUDIO_TOO_LONG)
            blocks += found
        return blocks + [each.to_ndarray()[0] for each in resampler.resample(None)]

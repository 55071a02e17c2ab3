"""Converts between samples and files: the six formats of the contract out, any plain recording in. By FFmpeg (PyAV)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from types import MappingProxyType
from typing import IO, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.typing import NDArray

SPEECH_RATE = 24_000
RECOGNITION_RATE = 16_000
# An upload that decodes to more is a mistake or an attack; Whisper would take many minutes for it.
LONGEST_S = 2 * 3600

# A file that names other files or hosts (a playlist) must not reach them.
_READING = {
    "format_whitelist": "aac,ac3,aiff,amr,asf,caf,flac,matroska,mov,mp3,mpeg,ogg,wav",
    "protocol_whitelist": "pipe",
}


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


class NoSound(Exception):
    """The bytes are no recording that can be decoded, or one that is too long."""


def encode(pcm: bytes, rate: int, name: str) -> bytes:
    """Mono 16-bit `pcm` at `rate` Hz as a whole file in the format `name`, at 24 kHz."""
    recipe, file = _RECIPES[name], io.BytesIO()
    with av.open(file, "w", format=recipe.container) as container:
        stream = cast("AudioStream", container.add_stream(recipe.codec, rate=SPEECH_RATE))
        stream.layout = "mono"
        stream.format = recipe.sample_format
        if recipe.bit_rate is not None:
            stream.bit_rate = recipe.bit_rate
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2").reshape(1, -1), "s16", "mono")
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def decode(file: IO[bytes]) -> NDArray[np.float32]:
    """The first audio track as mono samples from -1 to 1 at 16 kHz. Raises NoSound."""
    resampler = av.AudioResampler("s16", "mono", RECOGNITION_RATE)
    blocks: list[NDArray[np.int16]] = []
    count = 0
    file.seek(0)
    try:
        with av.open(file, "r", container_options=_READING) as container:
            if not container.streams.audio:
                raise NoSound("no audio track")
            for frame in container.decode(container.streams.audio[0]):
                blocks += [each.to_ndarray()[0] for each in resampler.resample(frame)]
                count += blocks[-1].size if blocks else 0
                if count > LONGEST_S * RECOGNITION_RATE:
                    raise NoSound("too long")
            blocks += [each.to_ndarray()[0] for each in resampler.resample(None)]
    except (av.error.FFmpegError, ValueError) as error:
        raise NoSound(type(error).__name__) from None
    if not blocks:
        raise NoSound("no samples")
    return np.concatenate(blocks).astype(np.float32) / np.float32(32768)

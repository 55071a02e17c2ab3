"""Audio that the suite itself uploads: small, told apart by a marker, and decodable by every speech-to-text provider.

It sounds like a voice speaking syllables and says nothing. No check depends on what is heard in it by a real provider;
the mock provider finds a call by the sha256 of its upload, so every marker makes other bytes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from conformance.audio.writing import wav_file

SAMPLE_RATE = 16000
"""Hertz of the samples made here; what speech recognisers work with inside."""

_SYLLABLE_S = 0.16
_VOICED_SHARE = 0.75
_LOUDNESS = 9000.0
_PITCHES = 16
_FORMANTS = ((730, 1090), (270, 2290), (530, 1840), (660, 1720), (300, 870), (570, 840))
"""First and second resonance, in hertz, of six vowels (after Peterson and Barney's measurements)."""
_FORMANT_WIDTH = 150.0
_HIGHEST = 4000.0
_BITEXACT_FORMAT, _BITEXACT_CODEC = 0x400, 0x800000
"""FFmpeg's flags for output without dates, versions and random serial numbers."""

_TINY_RATE, _TINY_SAMPLES = 2000, 240


@dataclass(frozen=True, slots=True)
class Container:
    """How an upload with this file extension is made (`muxer`, `codec`, `options`: FFmpeg's names) and labelled."""

    media_type: str
    muxer: str
    codec: str
    sample_format: str
    options: Mapping[str, str] = field(default_factory=dict)


_OPUS = {"compression_level": "0"}

# The options cost a third of the time that the codecs take without; nobody listens.
CONTAINERS: Mapping[str, Container] = MappingProxyType(
    {
        "wav": Container("audio/wav", "wav", "pcm_s16le", "s16"),
        "mp3": Container("audio/mpeg", "mp3", "libmp3lame", "s16p", {"compression_level": "9"}),
        "flac": Container("audio/flac", "flac", "flac", "s16"),
        "ogg": Container("audio/ogg", "ogg", "libopus", "s16", _OPUS),
        "webm": Container("audio/webm", "webm", "libopus", "s16", _OPUS),
        "m4a": Container("audio/mp4", "ipod", "aac", "fltp", {"aac_coder": "fast"}),
    }
)
"""By file extension: kinds of upload that OpenAI's transcription endpoints take."""


def speech_like_samples(marker: str, seconds: float = 1.0) -> NDArray[np.int16]:
    """Voice-like mono samples at 16 kHz; equal markers give equal samples, other markers others.

    Each syllable is a vowel of harmonics with its own pitch, drawn from the marker; faint noise, drawn from it too, makes
    every stretch of the result unique.
    """
    if seconds <= 0:
        raise ValueError(f"an upload must last longer than 0 seconds, not {seconds}")
    count = max(1, round(seconds * SAMPLE_RATE))
    step = round(_SYLLABLE_S * SAMPLE_RATE)
    syllables = -(-count // step)
    draws = _drawn(f"syllables/{marker}", 2 * syllables)
    pairs = draws.reshape(syllables, 2) % (_PITCHES, len(_FORMANTS))
    voice = np.concatenate([_syllable(int(pitch), int(vowel), step) for pitch, vowel in pairs])[:count]
    noise = _drawn(f"noise/{marker}", 2 * count).view("<i2")[:count] / 32768
    return np.clip(np.round(_LOUDNESS * voice + 12 * noise), -32768, 32767).astype(np.int16)


def speech_like_wav(marker: str, seconds: float = 1.0) -> bytes:
    """The samples of `speech_like_samples` as a wav file of 32 kB per second."""
    return wav_file(speech_like_samples(marker, seconds).astype("<i2").tobytes(), rate=SAMPLE_RATE, bits=16)


def tiny_wav() -> bytes:
    """A whole wav file of 284 bytes: 0.12 seconds, just over the 0.1 that OpenAI asks of an upload."""
    time = np.arange(_TINY_SAMPLES) / _TINY_RATE
    tone = 128 + np.round(60 * np.sin(2 * np.pi * 220 * time))
    return wav_file(tone.astype(np.uint8).tobytes(), rate=_TINY_RATE, bits=8)


def encode(samples: NDArray[np.int16], extension: str, sample_rate: int = SAMPLE_RATE) -> bytes:
    """Mono samples encoded as a file with this extension, the same bytes for the same samples within one machine.

    Raises ValueError for an extension that `CONTAINERS` does not list.
    """
    if extension not in CONTAINERS:
        raise ValueError(f"no recipe to encode an upload as {extension!r}; there are {', '.join(CONTAINERS)}")
    recipe, sink = CONTAINERS[extension], io.BytesIO()
    with av.open(sink, "w", format=recipe.muxer) as out:
        out.flags |= _BITEXACT_FORMAT
        rate = 48000 if recipe.codec == "libopus" else sample_rate
        # The codec's name is not a literal here, so PyAV's annotations leave the kind of stream open.
        stream = cast("av.AudioStream", out.add_stream(recipe.codec, rate=rate, options=dict(recipe.options)))
        stream.codec_context.flags |= _BITEXACT_CODEC
        stream.codec_context.layout = "mono"
        stream.codec_context.format = recipe.sample_format
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples)[None, :], format="s16", layout="mono")
        frame.sample_rate = sample_rate
        resampler = av.AudioResampler(recipe.sample_format, "mono", rate, frame_size=stream.codec_context.frame_size)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return sink.getvalue()


def _drawn(seed: str, count: int) -> NDArray[np.uint8]:
    """Draw bytes from a text, the same on every machine and with every version of numpy."""
    return np.frombuffer(hashlib.shake_256(seed.encode()).digest(count), np.uint8)


@cache
def _syllable(step: int, vowel: int, count: int) -> NDArray[np.float64]:
    """One vowel of 90 to 210 Hz, swelling and fading, with a pause behind it; samples in -1..1.

    There are few of them, and the noise makes uploads unique: a run of the suite makes thousands of uploads.
    """
    time = np.arange(count) / SAMPLE_RATE
    pitch = 90.0 + 8 * step
    first, second = _FORMANTS[vowel]
    harmonics = np.arange(1, int(_HIGHEST / pitch))[:, None] * pitch
    weights = sum(1 / (1 + ((harmonics - formant) / _FORMANT_WIDTH) ** 2) for formant in (first, second))
    voice = (weights * np.sin(2 * np.pi * harmonics * time)).sum(axis=0)
    envelope = np.sin(np.pi * np.minimum(time / (_SYLLABLE_S * _VOICED_SHARE), 1.0))
    shaped: NDArray[np.float64] = envelope * voice / np.abs(voice).max()
    return shaped

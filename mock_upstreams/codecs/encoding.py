"""Samples to bytes in the six formats of the contract.

Deterministic: equal samples give equal bytes, in every process on one kind of machine.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import OutputContainer
from numpy.typing import NDArray

from mock_upstreams.codecs.mp3 import mp3_file, mp3_stream
from mock_upstreams.codecs.wav import wav_header

SPEECH_RATE = 24_000  # Hz: what OpenAI's voices speak at, and what a headerless pcm file is taken for

_PLAIN_SAMPLES = "pcm_s16le"
_STREAMED_SAMPLES = SPEECH_RATE // 5
_BITEXACT_CONTAINER = 0x400  # FFmpeg's AVFMT_FLAG_BITEXACT: no encoder tag
_BITEXACT_CODEC = 0x800000  # and AV_CODEC_FLAG_BITEXACT


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How one format is made: FFmpeg's names and options. `bit_rate` in bits per second, `None` for lossless."""

    media_type: str
    container: str
    codec: str
    sample_format: str = "s16"
    bit_rate: int | None = None
    container_options: Mapping[str, str] = field(default_factory=dict)
    codec_options: Mapping[str, str] = field(default_factory=dict)


# The compression level costs a third of the default's time. Opus below 24 kb/s would garble the mock voice.
_RECIPES = MappingProxyType(
    {
        "opus": _Recipe(
            "audio/opus",
            "ogg",
            "libopus",
            bit_rate=32_000,
            container_options={"page_duration": "200000"},
            codec_options={"compression_level": "5"},
        ),
        "aac": _Recipe("audio/aac", "adts", "aac", "fltp", 64_000, codec_options={"aac_coder": "fast"}),
        "flac": _Recipe("audio/flac", "flac", "flac"),
        "wav": _Recipe("audio/wav", "wav", _PLAIN_SAMPLES),
        "pcm": _Recipe("audio/pcm", "s16le", _PLAIN_SAMPLES),
    }
)

FORMATS: Mapping[str, str] = MappingProxyType(
    {"mp3": "audio/mpeg"} | {name: recipe.media_type for name, recipe in _RECIPES.items()}
)
"""The six speech formats and the media type that OpenAI sends with each."""


def encode(samples: NDArray[np.int16], name: str) -> bytes:
    """Returns mono `samples` at 24 kHz as a whole file in the format `name`, a key of `FORMATS`."""
    return encode_pieces([samples], name)


def encode_pieces(pieces: Iterable[NDArray[np.int16]], name: str) -> bytes:
    """Returns mono samples at 24 kHz, given piece by piece, as a whole file in the format `name`.

    Holds no more than the file itself and what a piece takes: the longest speech is hundreds of times as large as its
    bursts.
    """
    if name == "mp3":
        return mp3_file(pieces)
    recipe = _RECIPES[name]
    if recipe.codec == _PLAIN_SAMPLES:
        return _plain_file(list(pieces), with_header=name == "wav")
    file = io.BytesIO()
    with av.open(file, "w", format=recipe.container, container_options=dict(recipe.container_options)) as container:
        stream = _stream(container, recipe)
        for packet in _packets(stream, pieces):
            container.mux(packet)
    return file.getvalue()


def _packets(stream: Any, pieces: Iterable[NDArray[np.int16]]) -> Iterator[av.Packet[Any]]:
    """Yields the packets of all pieces. PyAV converts and cuts these as the codec wants it."""
    start = 0
    for piece in pieces:
        yield from stream.encode(_frame(piece, start))
        start += len(piece)
    yield from stream.encode(None)


def _plain_file(pieces: list[NDArray[np.int16]], *, with_header: bool) -> bytes:
    """Returns samples as they are, little-endian, joined in one copy; a wav has 44 bytes before them."""
    size = sum(piece.nbytes for piece in pieces)
    little_endian = (piece.astype("<i2", copy=False).data for piece in pieces)
    return b"".join([wav_header(size, SPEECH_RATE) if with_header else b"", *little_endian])


def encode_stream(pieces: Iterable[NDArray[np.int16]], name: str) -> Iterator[bytes]:
    """Yields the same sound as `encode` in pieces of about 0.2 s, as a provider sends what it is still synthesizing.

    Headers are written before the length is known: a wav states the size 0xFFFFFFFF as OpenAI's does, a flac none.
    """
    cut = _cut(pieces, _STREAMED_SAMPLES)
    if name == "mp3":
        yield from mp3_stream(piece for _, piece in cut)
        return
    recipe = _RECIPES[name]
    sink = _Sink()
    options = {**recipe.container_options, "flush_packets": "1"}
    with av.open(sink, "w", format=recipe.container, container_options=options) as container:
        stream = _stream(container, recipe)
        for start, piece in cut:
            container.mux(stream.encode(_frame(piece, start)))
            if sink.pieces:
                yield sink.take()
        container.mux(stream.encode(None))
    yield sink.take()


def _cut(pieces: Iterable[NDArray[np.int16]], most: int) -> Iterator[tuple[int, NDArray[np.int16]]]:
    """Yields the samples in pieces of at most `most`, each with the number of its first sample."""
    start = 0
    for piece in pieces:
        for at in range(0, len(piece), most):
            yield start + at, piece[at : at + most]
        start += len(piece)


class _Sink(io.RawIOBase):
    """Collects what a muxer writes; like a socket, it cannot go back to complete a header."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any, /) -> int:
        self.pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """Returns what was written since the last call."""
        taken = b"".join(self.pieces)
        self.pieces.clear()
        return taken


def _stream(container: OutputContainer, recipe: _Recipe) -> Any:
    """Returns a new audio stream of `container`, set up so that nothing random or dated is written."""
    container.flags |= _BITEXACT_CONTAINER
    stream: Any = container.add_stream(recipe.codec, rate=SPEECH_RATE, options=dict(recipe.codec_options))
    context = stream.codec_context
    context.layout, context.format = "mono", recipe.sample_format
    context.flags |= _BITEXACT_CODEC
    if recipe.bit_rate is not None:
        context.bit_rate = recipe.bit_rate
    return stream


def _frame(samples: NDArray[np.int16], start: int = 0) -> AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = SPEECH_RATE, start, Fraction(1, SPEECH_RATE)
    return frame

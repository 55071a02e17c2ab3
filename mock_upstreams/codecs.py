"""Samples to bytes in the six formats of the contract, and bytes of nearly any format back to samples.

Encoding is deterministic: equal samples give equal bytes, in every process on one kind of machine. Decoding takes
whatever FFmpeg knows as sound, but never opens anything beside the bytes it is given, and stops at a limit of seconds.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError, InvalidDataError
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, proceed
from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.silence import SilenceSparingEncoder
from mock_upstreams.wav import PlainWav, headerless, read_wav, wav_header

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
    streamed_options: Mapping[str, str] = field(default_factory=dict)  # of the container, when the sink cannot seek
    spares_silence: bool = False  # each packet stands for itself


# The compression levels cost a third of the default's time. Opus below 24 kb/s would garble the mock voice.
_RECIPES = MappingProxyType(
    {
        "mp3": _Recipe(
            "audio/mpeg",
            "mp3",
            "libmp3lame",
            "s16p",
            64_000,
            container_options={"write_xing": "1", "id3v2_version": "0"},
            codec_options={"compression_level": "9", "reservoir": "0", "cutoff": "4000"},
            streamed_options={"write_xing": "0"},
            spares_silence=True,
        ),
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

FORMATS: Mapping[str, str] = MappingProxyType({name: recipe.media_type for name, recipe in _RECIPES.items()})
"""The six speech formats and the media type that OpenAI sends with each."""

# FFmpeg also knows playlists, scripts and device inputs; a file that names other files or hosts must not reach them.
_DEMUXERS = "aac,ac3,aiff,amr,asf,au,avi,caf,flac,flv,matroska,webm,mov,mp3,mp4,mpeg,mpegts,ogg,w64,wav"
# For the container alone: PyAV 16 crashes on an MPEG program stream when streams get options of their own.
_CONTAINER_OPTIONS = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "pipe"}
_PLAUSIBLE_RATES = range(1_000, 768_001)  # Hz; outside, the resampler's filters would take gigabytes
_HEADS = (b"RIFF", b"OggS", b"fLaC", b"ID3", b"\x1a\x45\xdf\xa3", b"FORM", b"caff", b".snd")


def encode(samples: NDArray[np.int16], name: str) -> bytes:
    """Returns mono `samples` at 24 kHz as a whole file in the format `name`, a key of `FORMATS`."""
    return encode_pieces([samples], name)


def encode_pieces(pieces: Iterable[NDArray[np.int16]], name: str) -> bytes:
    """Returns mono samples at 24 kHz, given piece by piece, as a whole file in the format `name`.

    Holds no more than the file itself and what a piece takes: the longest speech is hundreds of times as large as its
    bursts.
    """
    recipe = _RECIPES[name]
    if recipe.codec == _PLAIN_SAMPLES:
        return _plain_file(list(pieces), with_header=name == "wav")
    file = io.BytesIO()
    with av.open(file, "w", format=recipe.container, container_options=dict(recipe.container_options)) as container:
        stream = _stream(container, recipe)
        packets = SilenceSparingEncoder(stream, _frame).packets if recipe.spares_silence else partial(_packets, stream)
        for packet in packets(pieces):
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
    recipe = _RECIPES[name]
    sink = _Sink()
    options = {**recipe.container_options, **recipe.streamed_options, "flush_packets": "1"}
    with av.open(sink, "w", format=recipe.container, container_options=options) as container:
        stream = _stream(container, recipe)
        for start, piece in _cut(pieces, _STREAMED_SAMPLES):
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


def decode(
    data: bytes,
    rate: int,
    *,
    file_name: str | None = None,
    most_seconds: float = 3600.0,
    checkpoint: Checkpoint = proceed,
) -> NDArray[np.int16]:
    """Returns the first audio track of a file as mono samples at `rate` Hz.

    A file whose name ends in `.pcm` and that is no known container is read as headerless pcm, 24 kHz, mono.

    Raises ProviderRefusal: 400; the file is empty, is no sound, holds none, or lasts over `most_seconds`.
    """
    if not data:
        raise _too_short()
    limits = _Limits(most_seconds, checkpoint)
    if not is_headerless(file_name or ""):
        return _decoded(data, rate, limits)
    if _looks_contained(data):
        with suppress(_NotAudio):
            return _decoded(data, rate, limits)
    return _collected_wav(headerless(data, SPEECH_RATE), rate, limits)


def declared_seconds(data: bytes) -> float:
    """Returns how long a file says that its sound lasts, 0 where it does not say or cannot be read. Nothing is decoded."""
    try:
        with av.open(io.BytesIO(data), "r", container_options=_CONTAINER_OPTIONS) as container:
            return _declared_seconds(container, len(data)) if container.streams.audio else 0.0
    except (FFmpegError, ValueError):
        return 0.0


def is_headerless(file_name: str) -> bool:
    """Whether a file of this name may be headerless pcm."""
    return file_name.lower().endswith(".pcm")


@dataclass(frozen=True, slots=True)
class _Limits:
    """How long a recording may last, and where decoding it checks whether it is still wanted."""

    most_seconds: float
    checkpoint: Checkpoint


class _NotAudio(ProviderRefusal):
    """The bytes are no sound in any format known here."""

    def __init__(self) -> None:
        supported = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
        super().__init__(f"Invalid file format. Supported formats: {supported}", param="file")


def _looks_contained(data: bytes) -> bool:
    """Tells whether a file starts as a container does; a headerless one may do so by chance."""
    return data.startswith(_HEADS) or data[4:8] == b"ftyp" or (data[0] == 0xFF and data[1:2] >= b"\xe0")


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


def _decoded(data: bytes, rate: int, limits: _Limits) -> NDArray[np.int16]:
    plain = read_wav(data)
    if plain is not None and plain.rate in _PLAUSIBLE_RATES:
        return _collected_wav(plain, rate, limits)
    try:
        with av.open(io.BytesIO(data), "r", container_options=_CONTAINER_OPTIONS) as container:
            if not container.streams.audio or not _plausible(container.streams.audio[0].sample_rate):
                raise _NotAudio
            if _declared_seconds(container, len(data)) > limits.most_seconds:
                raise _too_long()
            return _collected(_joined(_frames(container, container.streams.audio[0])), rate, limits)
    except (FFmpegError, ValueError) as error:  # PyAV raises ValueError where a frame contradicts the stream
        raise _NotAudio from error


def _collected_wav(wav: PlainWav, rate: int, limits: _Limits) -> NDArray[np.int16]:
    if len(wav.samples) > limits.most_seconds * wav.rate:
        raise _too_long()
    return _collected(_wav_frames(wav), rate, limits)


def _wav_frames(wav: PlainWav) -> Iterator[AudioFrame]:
    """Yields the samples in frames of a second."""
    layout = "mono" if wav.samples.shape[1] == 1 else "stereo"
    for start in range(0, len(wav.samples), wav.rate):
        second = np.ascontiguousarray(wav.samples[start : start + wav.rate]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(second, format="s16", layout=layout)
        frame.sample_rate = wav.rate
        yield frame


def _collected(frames: Iterator[AudioFrame], rate: int, limits: _Limits) -> NDArray[np.int16]:
    """Returns the sound of the frames as mono samples at `rate` Hz. Raises ProviderRefusal: too long, or none."""
    samples = bytearray()  # grows in place; a list of pieces would be held twice while it is joined
    for piece in _resampled(frames, rate, int(limits.most_seconds * rate)):
        limits.checkpoint()
        samples += piece
    if not samples:
        raise _too_short()
    return np.frombuffer(samples, np.int16)


def _plausible(rate: int) -> bool:
    """Whether a recording can have this sample rate; 0 is one that is not known before the first frame."""
    return not rate or rate in _PLAUSIBLE_RATES


def _declared_seconds(container: InputContainer, size: int) -> float:
    """Returns how long the file says that it lasts, 0 where it does not say.

    A wav that was streamed declares 2^32 bytes, so plain samples are counted by the file's size as well.
    """
    seconds = (container.duration or 0) / av.time_base
    context = container.streams.audio[0].codec_context
    if context.name.startswith("pcm_") and context.bit_rate:
        seconds = min(seconds, 8 * size / context.bit_rate)
    return seconds


def _resampled(frames: Iterator[AudioFrame], rate: int, most_samples: int) -> Iterator[memoryview]:
    """Yields mono pieces at `rate` Hz."""
    resampler = av.AudioResampler("s16", "mono", rate)
    for frame in chain(frames, [None]):
        for piece in resampler.resample(frame):
            most_samples -= piece.samples
            if most_samples < 0:
                raise _too_long()
            yield memoryview(piece.to_ndarray()[0]).cast("B")


def _joined(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """Yields the same sound in frames of about a second: resampling costs more by the frame than by the sample."""
    fifo, shape = av.AudioFifo(), None
    for frame in frames:
        if shape not in (None, _shape(frame)):  # the stream changes in its middle, which a fifo does not take
            yield from _all_of(fifo)
            fifo = av.AudioFifo()
        shape = _shape(frame)
        frame.pts = None  # gaps in the timestamps are not sound
        fifo.write(frame)
        if fifo.samples >= frame.sample_rate:
            yield from _all_of(fifo)
    yield from _all_of(fifo)


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _all_of(fifo: av.AudioFifo) -> Iterator[AudioFrame]:
    frame = fifo.read() if fifo.samples else None
    if frame is not None:
        yield frame


def _frames(container: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """Yields the decoded frames, passing over damaged packets as long as they are few, as a player does."""
    stream.codec_context.thread_count = 1  # callers run side by side already
    packets = damaged = 0
    for packet in container.demux(stream):
        packets += 1
        try:
            frames = packet.decode()
        except InvalidDataError:
            damaged += 1
            continue
        for frame in frames:
            if frame.sample_rate not in _PLAUSIBLE_RATES:
                raise _NotAudio
            yield frame
    if damaged * 4 > packets:
        raise _NotAudio


def _too_short() -> ProviderRefusal:
    message = "Audio file is too short. Minimum audio length is 0.1 seconds."
    return ProviderRefusal(message, param="file", code="audio_too_short")


def _too_long() -> ProviderRefusal:
    message = "The audio lasts longer than this model accepts."
    return ProviderRefusal(message, param="file", code="audio_too_long", hint="cut the file into parts")

"""Bytes of nearly any format back to samples.

Takes whatever FFmpeg knows as sound, but never opens anything beside the bytes it is given, and stops at a limit of seconds.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError, InvalidDataError
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, proceed
from mock_upstreams.codecs.encoding import SPEECH_RATE
from mock_upstreams.codecs.wav import PlainWav, headerless, read_wav
from mock_upstreams.errors import ProviderRefusal

# FFmpeg also knows playlists, scripts and device inputs; a file that names other files or hosts must not reach them.
_DEMUXERS = "aac,ac3,aiff,amr,asf,au,avi,caf,flac,flv,matroska,webm,mov,mp3,mp4,mpeg,mpegts,ogg,w64,wav"
# For the container alone: PyAV 16 crashes on an MPEG program stream when streams get options of their own.
_CONTAINER_OPTIONS = {"format_whitelist": _DEMUXERS, "protocol_whitelist": "pipe"}
_PLAUSIBLE_RATES = range(1_000, 768_001)  # Hz; outside, the resampler's filters would take gigabytes
_HEADS = (b"RIFF", b"OggS", b"fLaC", b"ID3", b"\x1a\x45\xdf\xa3", b"FORM", b"caff", b".snd")


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
    if wav.rate == rate and wav.samples.shape[1] == 1 and len(wav.samples):
        return wav.samples[:, 0]
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

"""Encoding the six formats and decoding whatever is uploaded."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mock_upstreams import FORMATS, ProviderRefusal
from mock_upstreams.codecs import SPEECH_RATE, decode, encode
from mock_upstreams.voice import RECOGNITION_RATE, demodulate, synthesize

_TEXT = "Hello there, world. This is a second sentence, somewhat longer than the first."
_SAMPLES = synthesize(_TEXT, SPEECH_RATE)

_CONTAINERS = {"mp3": "mp3", "opus": "ogg", "aac": "aac", "flac": "flac", "wav": "wav", "pcm": "s16le"}
_CODECS = {"mp3": "mp3", "opus": "opus", "aac": "aac", "flac": "flac", "wav": "pcm_s16le", "pcm": "pcm_s16le"}

# What people really upload: container, codec, sample format, rate, channels.
_FOREIGN = {
    "webm": ("webm", "libopus", "s16", 48_000, "mono"),
    "m4a": ("ipod", "aac", "fltp", 44_100, "stereo"),
    "ogg with flac": ("ogg", "flac", "s16", 48_000, "mono"),
    "mp2": ("mp2", "mp2", "s16", 48_000, "stereo"),
    "mpeg program stream": ("mpeg", "mp2", "s16", 48_000, "mono"),
    "aiff": ("aiff", "pcm_s16be", "s16", 44_100, "mono"),
    "caf": ("caf", "pcm_s16le", "s16", 22_050, "mono"),
    "telephone wav": ("wav", "pcm_mulaw", "s16", 8_000, "mono"),
    "24 bit stereo wav": ("wav", "pcm_s24le", "s32", 96_000, "stereo"),
    "float wav": ("wav", "pcm_f32le", "flt", 48_000, "5.1"),
}


def _heard(samples: NDArray[np.int16]) -> str:
    return "".join(burst.message.text for burst in demodulate(samples) if burst.message)


def _foreign(container: str, codec: str, sample_format: str, rate: int, layout: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        stream.codec_context.layout, stream.codec_context.format = layout, sample_format
        resampler = av.AudioResampler(sample_format, layout, rate, frame_size=stream.codec_context.frame_size or 0)
        frame = av.AudioFrame.from_ndarray(_SAMPLES.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = SPEECH_RATE, 0, Fraction(1, SPEECH_RATE)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


def _wav(rate: int, data: bytes, channels: int = 1) -> bytes:
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2 & 0xFFFFFFFF, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", len(data)) + data


@pytest.mark.parametrize("name", FORMATS)
def test_every_frame_decodes_with_error_detection_on(name: str) -> None:
    """A strict decoder finds the right codec at 24 kHz (Opus always decodes at 48), no error, and the whole duration."""
    strict = {"err_detect": "crccheck+bitstream+buffer+explode"}
    raw = {"sample_rate": "24000", "ch_layout": "mono"} if name == "pcm" else {}
    data = encode(_SAMPLES, name)
    with av.open(io.BytesIO(data), format=_CONTAINERS[name], options=strict | raw) as container:
        stream = container.streams.audio[0]
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(stream))
        assert stream.codec_context.codec.canonical_name == _CODECS[name]
        assert stream.codec_context.channels == 1
        assert stream.codec_context.sample_rate == (48_000 if name == "opus" else SPEECH_RATE)
    assert seconds == pytest.approx(len(_SAMPLES) / SPEECH_RATE, abs=0.1)


def test_pcm_is_the_bare_samples() -> None:
    """No header, little-endian, nothing added and nothing lost; a wav holds the same after its header."""
    assert encode(_SAMPLES, "pcm") == _SAMPLES.astype("<i2").tobytes()
    assert encode(_SAMPLES, "wav").endswith(_SAMPLES.astype("<i2").tobytes())


@pytest.mark.slow
def test_another_process_makes_the_same_bytes() -> None:
    """Bytes do not depend on a process's random state, as Ogg's serial numbers usually do."""
    program = (
        "import hashlib; from mock_upstreams.codecs import *; from mock_upstreams.voice import synthesize;"
        f"print(*[hashlib.sha256(encode(synthesize({_TEXT!r}, SPEECH_RATE), n)).hexdigest() for n in FORMATS])"
    )
    root = Path(__file__).parents[2]
    runs = {
        subprocess.run([sys.executable, "-c", program], cwd=root, check=True, capture_output=True).stdout for _ in "ab"
    }
    assert len(runs) == 1


@pytest.mark.parametrize(
    "chain", [("mp3", "opus", "aac"), ("aac", "flac", "opus", "mp3"), ("opus", "opus", "wav", "mp3")]
)
def test_the_voice_survives_a_chain_of_codecs(chain: tuple[str, ...]) -> None:
    """Transcoded again and again, the text is still exact."""
    samples = _SAMPLES
    for name in chain:
        samples = decode(encode(samples, name), SPEECH_RATE)
    assert _heard(decode(encode(samples, "flac"), RECOGNITION_RATE)) == _TEXT


@pytest.mark.parametrize("recipe", _FOREIGN.values(), ids=_FOREIGN)
def test_foreign_formats_are_decoded(recipe: tuple[str, str, str, int, str]) -> None:
    """Containers, rates and channels beyond the six formats are heard as well."""
    assert _heard(decode(_foreign(*recipe), RECOGNITION_RATE)) == _TEXT


def test_headerless_pcm_is_known_by_its_name() -> None:
    """With the name it is sound; without it, bytes like any other."""
    data = encode(_SAMPLES, "pcm")
    assert _heard(decode(data, RECOGNITION_RATE, file_name="Speech.PCM")) == _TEXT
    assert _heard(decode(b"\xff\xf3" + data, RECOGNITION_RATE, file_name="starts like an mp3.pcm")) == _TEXT
    with pytest.raises(ProviderRefusal):
        decode(data, RECOGNITION_RATE, file_name="speech.wav")


@pytest.mark.parametrize("name", ["mp3", "wav", "flac", "opus", "aac"])
def test_a_container_called_pcm_is_still_a_container(name: str) -> None:
    """The bytes count for more than the name."""
    assert _heard(decode(encode(_SAMPLES, name), RECOGNITION_RATE, file_name="speech.pcm")) == _TEXT


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"This is a text and no sound at all.\n" * 50, id="text"),
        pytest.param(b'{"error": {"message": "no"}}', id="json"),
        pytest.param(bytes(5000), id="zeros"),
        pytest.param(np.random.default_rng(5).bytes(20_000), id="random"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(200), id="picture"),
        pytest.param(_wav(1, bytes(100_000)), id="one sample per second"),
        pytest.param(_wav(2**31 - 1, bytes(100_000)), id="two billion samples per second"),
        pytest.param(_foreign(*_FOREIGN["m4a"])[:9000], id="m4a without its index"),
    ],
)
def test_what_is_no_sound_is_refused(data: bytes) -> None:
    """The refusal is OpenAI's: 400, invalid_request_error, and the formats that it takes."""
    with pytest.raises(ProviderRefusal, match="Supported formats") as refused:
        decode(data, RECOGNITION_RATE)
    assert (refused.value.status, refused.value.type) == (400, "invalid_request_error")


@pytest.mark.parametrize("data", [b"", _wav(24_000, b"")], ids=["no bytes", "no samples"])
def test_what_holds_no_sound_is_refused(data: bytes) -> None:
    """An empty file and an empty track are a 400 of their own kind."""
    with pytest.raises(ProviderRefusal, match="too short") as refused:
        decode(data, RECOGNITION_RATE)
    assert (refused.value.status, refused.value.code) == (400, "audio_too_short")


def test_a_playlist_opens_no_other_file(tmp_path: Path) -> None:
    """FFmpeg knows playlists and lists of files; an upload must not make the mock read what lies beside it."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(encode(_SAMPLES, "wav"))
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    for text in (playlist, f"ffconcat version 1.0\nfile {secret}\n"):
        with pytest.raises(ProviderRefusal, match="Supported formats"):
            decode(text.encode(), RECOGNITION_RATE, file_name="list.m3u8")


def test_formats_beyond_the_list_are_not_even_tried() -> None:
    """FFmpeg knows hundreds of readers; only those for recordings are let near an upload."""
    with pytest.raises(ProviderRefusal, match="Supported formats"):
        decode(_foreign("voc", "pcm_s16le", "s16", 24_000, "mono"), RECOGNITION_RATE)


def test_a_file_of_mostly_damaged_frames_is_refused() -> None:
    """Intact frame headers around rubbish are no sound; a few bad frames are passed over."""
    with pytest.raises(ProviderRefusal, match="Supported formats"):
        decode(_blanked(every=2), RECOGNITION_RATE)
    assert len(decode(_blanked(every=10), RECOGNITION_RATE)) > 0.8 * len(_SAMPLES) * RECOGNITION_RATE / SPEECH_RATE


def _blanked(every: int) -> bytes:
    """Return an aac file in which each frame whose number ``every`` divides is zeros after its header."""
    data = bytearray(encode(_SAMPLES, "aac"))
    with av.open(io.BytesIO(data)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux() if packet.size]
    for position, size in packets[::every]:
        data[position + 8 : position + size] = bytes(size - 8)
    return bytes(data)


@pytest.mark.slow
def test_a_small_file_with_hours_of_sound_is_refused() -> None:
    """A flac of silence is tiny; decoding stops at the limit instead of filling the memory."""
    data = encode(np.zeros(SPEECH_RATE * 600, np.int16), "flac")
    assert len(data) < 200_000
    assert len(decode(data, RECOGNITION_RATE, most_seconds=600)) == 600 * RECOGNITION_RATE
    with pytest.raises(ProviderRefusal, match="longer") as refused:
        decode(data, RECOGNITION_RATE, most_seconds=599)
    assert (refused.value.status, refused.value.code) == (400, "audio_too_long")


def test_a_truncated_file_is_heard_as_far_as_it_goes() -> None:
    """As a player would: the sentences that are whole come out."""
    data = encode(_SAMPLES, "mp3")
    assert _heard(decode(data[: len(data) * 4 // 10], RECOGNITION_RATE)) == "Hello there, world."

"""No legal stream is accused, whatever its encoder, settings, tags and header style."""

import io
import struct
import wave
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.audio import identify, judge_audio
from tests.conformance.audio import corpus


@pytest.mark.parametrize(
    ("format_name", "recipe"),
    [pytest.param(name, recipe, id=f"{name}, {label}") for name, label, recipe in corpus.CLEAN],
)
def test_an_encoders_own_output_is_clean(format_name, recipe):
    """Real encoders in many settings: no problem, the right name, about the right duration, the right channels."""
    data = corpus.encode(recipe)
    report = judge_audio(data, format_name)
    assert report.problems == ()
    assert identify(data) == format_name
    padding = 2.1 * 1024 / recipe.rate if format_name == "aac" else 0.08
    assert report.duration_s == pytest.approx(1.0, abs=padding)
    assert report.channels == (2 if recipe.layout == "stereo" else 1)
    assert report.sample_rate == (48000 if format_name == "opus" else recipe.rate)


def _plain(format_name, **changes):
    return corpus.encode(replace(corpus.PLAIN[format_name], **changes))


def _clean(data, format_name, seconds=1.0):
    report = judge_audio(data, format_name)
    assert report.problems == ()
    assert identify(data) == format_name
    assert report.duration_s == pytest.approx(seconds, abs=0.1)
    return report


ID3V1 = b"TAG" + b"title".ljust(125, b"\0")
APE = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + 20, 1, 0) + bytes(8)
APE_V2 = b"APETAGEX" + struct.pack("<IIII", 2000, 32 + 20, 1, 0xA0000000) + bytes(8)
LYRICS = b"LYRICSBEGIN" + b"IND0000200"
APPENDED = b"ID3\4\0\x10" + bytes([0, 0, 1, 0]) + bytes(128) + b"3DI\4\0\x10" + bytes([0, 0, 1, 0])


@pytest.mark.parametrize(
    "tag",
    [
        pytest.param(ID3V1, id="ID3v1"),
        pytest.param(b"TAG+" + bytes(223) + ID3V1, id="extended ID3v1"),
        pytest.param(b"\1" * 20 + APE, id="APEv1"),
        pytest.param(APE_V2 + b"\1" * 20 + APE_V2, id="APEv2"),
        pytest.param(APE_V2 + b"\1" * 20 + APE_V2 + ID3V1, id="APEv2 and ID3v1"),
        pytest.param(LYRICS + b"%06d" % len(LYRICS) + b"LYRICS200" + ID3V1, id="Lyrics3 and ID3v1"),
        pytest.param(APPENDED, id="appended ID3v2"),
    ],
)
@pytest.mark.parametrize("format_name", ["mp3", "aac"])
def test_tags_behind_the_audio_are_legal(format_name, tag):
    """Players pass over them, so the judge does."""
    _clean(_plain(format_name) + tag, format_name)


@pytest.mark.parametrize("format_name", ["mp3", "aac", "flac"])
def test_tags_in_front_of_the_audio_are_legal(format_name):
    """Two ID3v2 tags one after another, the first with a footer and with text that is not UTF-8."""
    tag = (
        b"ID3\4\0\x10" + bytes([0, 0, 1, 0]) + b"\xff\xfe\xe9".ljust(128, b"\0") + b"3DI\4\0\x10" + bytes([0, 0, 1, 0])
    )
    second = b"ID3\3\0\0" + bytes([0, 0, 0, 20]) + b"TIT2\0\0\0\x0a\0\0\0Gr\xfc\xdfe\0\0\0\0"
    _clean(tag + second + _plain(format_name), format_name)


def test_mp3_streams_one_after_another_are_legal():
    """A gateway that speaks a long text in parts: every frame decodes, each part has its own header and tags."""
    part = corpus.encode(replace(corpus.PLAIN["mp3"], metadata=(("title", "part"),)))
    assert _clean(part + part + part, "mp3", seconds=3.0).notes


def test_free_format_mp3_is_legal():
    """A constant-rate stream whose headers leave the bit rate open; this decoder lacks it, the structure is judged."""
    data = bytearray(_plain("mp3", muxer=(("write_xing", "0"), ("id3v2_version", "0"))))
    size, at = 192, 0
    while at < len(data):
        data[at + 2] &= 0x0F
        at += size
    assert _clean(bytes(data), "mp3").notes
    assert judge_audio(bytes(data[:-1]), "mp3").problems


def test_aac_with_checksums_is_legal():
    """The two bytes of an ADTS checksum belong to the header."""
    data, out, at = _plain("aac"), bytearray(), 0
    while at < len(data):
        head = bytearray(data[at : at + 7])
        size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        head[1] &= 0xFE
        head[3] = head[3] & 0xFC | (size + 2) >> 11
        head[4], head[5] = (size + 2) >> 3 & 0xFF, head[5] & 0x1F | (size + 2 & 7) << 5
        out += head + b"\0\0" + data[at + 7 : at + size]
        at += size
    _clean(bytes(out), "aac")


def test_chained_opus_is_legal():
    """RFC 7845 lets streams follow one another, with other serial numbers and other numbers of channels."""
    first = _plain("opus")
    second = _plain("opus", layout="stereo", muxer=(("serial_offset", "9"),))
    assert _clean(first + second, "opus", seconds=2.0).notes


def _wav(data, riff=None, size=None, *, before=b"", after=b"", magic=b"RIFF", tail=b""):
    form = struct.pack("<HHIIHH", 1, 1, 24000, 48000, 2, 16)
    body = b"WAVE" + b"fmt " + struct.pack("<I", 16) + form + before
    body += b"data" + struct.pack("<I", len(data) if size is None else size) + data + after
    return magic + struct.pack("<I", len(body) if riff is None else riff) + body + tail


PCM = corpus.pcm()
ODD_CHUNK = b"junk" + struct.pack("<I", 3) + b"abc\0"
LIST_CHUNK = b"LIST" + struct.pack("<I", 14) + b"INFOISFT" + struct.pack("<I", 2) + b"x\0"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(_wav(PCM, 0xFFFFFFFF, 0xFFFFFFFF), id="both sizes open"),
        pytest.param(_wav(PCM, 0, 0), id="both sizes 0"),
        pytest.param(_wav(PCM, 0x7FFFFFFF, 0x7FFFFFFF), id="sizes of 2^31"),
        pytest.param(_wav(PCM, 0x7FFFF024, 0x7FFFF000), id="sizes as sox streams them"),
        pytest.param(_wav(PCM, 0xFFFFFFFF, 0xFFFFFFFF - 36), id="data size open, less the header"),
        pytest.param(_wav(PCM, 36, 0), id="header of an empty file, then audio"),
        pytest.param(_wav(PCM, None, 0xFFFFFFFF), id="only the data size open"),
        pytest.param(_wav(PCM, 0xFFFFFFFF, None), id="only the RIFF size open"),
        pytest.param(_wav(PCM, before=ODD_CHUNK + LIST_CHUNK), id="chunks before"),
        pytest.param(_wav(PCM, after=LIST_CHUNK + ODD_CHUNK), id="chunks behind"),
        pytest.param(_wav(PCM, tail=LIST_CHUNK, after=b""), id="chunk appended, size not mended"),
        pytest.param(_wav(PCM, after=b"id3 " + struct.pack("<I", 4) + b"abcd"), id="id3 chunk"),
    ],
)
def test_every_legal_wav_header_passes(data):
    """Placeholder sizes of streaming writers, and further chunks anywhere."""
    _clean(data, "wav")


@pytest.mark.parametrize("pad", [b"\0", b""])
def test_a_wav_of_odd_length_may_lack_its_pad_byte(pad):
    """Many writers forget it."""
    data = bytes(range(100, 151)) * 479
    form = struct.pack("<HHIIHH", 1, 1, 24000, 24000, 1, 8)
    assert len(data) % 2
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(data)) + data + pad
    _clean(b"RIFF" + struct.pack("<I", len(body)) + body, "wav")


def test_big_endian_riff_is_a_wav():
    """RIFX is RIFF with every number the other way round."""
    form = struct.pack(">HHIIHH", 1, 1, 24000, 48000, 2, 16)
    swapped = np.frombuffer(PCM, "<i2").astype(">i2").tobytes()
    body = b"WAVEfmt " + struct.pack(">I", 16) + form + b"data" + struct.pack(">I", len(swapped)) + swapped
    _clean(b"RIFX" + struct.pack(">I", len(body)) + body, "wav")


def test_a_wav_of_the_standard_library_is_clean():
    """An encoder that is neither FFmpeg's nor ours."""
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setparams((2, 2, 24000, 0, "NONE", ""))
        out.writeframes(PCM)
    _clean(sink.getvalue(), "wav", seconds=0.5)


def test_flac_with_unknown_totals_and_foreign_blocks_is_legal():
    """Total 0, checksum 0, an application block, a picture and a block type of the future."""
    data = bytearray(_plain("flac"))
    data[8 + 13] &= 0xF0
    data[8 + 14 : 8 + 34] = bytes(20)
    extra = bytes([2, 0, 0, 8]) + b"abcdefgh" + bytes([6, 0, 0, 40]) + bytes(40) + bytes([77, 0, 0, 2]) + b"xx"
    assert _clean(bytes(data[:42]) + extra + bytes(data[42:]), "flac").notes


@pytest.mark.parametrize("format_name", ["mp3", "opus", "aac", "flac", "wav"])
def test_silence_is_noted_not_accused(format_name):
    """A contract on form says nothing about what is spoken."""
    source = corpus.silence(corpus.PLAIN[format_name])
    report = judge_audio(source, format_name)
    assert report.problems == ()
    assert format_name in ("mp3", "opus", "aac") or "digital silence" in report.notes


def _samples(values):
    return np.clip(np.round(values), -32768, 32767).astype("<i2").tobytes()


_TIME = np.arange(24000) / 24000
_RANDOM = np.random.default_rng(3)
PCM_SOUNDS = {
    "speech": PCM,
    "quiet speech": corpus.pcm(loudness=0.002),
    "clipped speech": _samples(corpus.sound() * 400000),
    "one sample": b"\1\0",
    "a very short clip": PCM[4000:4100],
    "silence": bytes(48000),
    "white noise, full scale": _RANDOM.integers(-32768, 32767, 24000).astype("<i2").tobytes(),
    "white noise, quiet": _RANDOM.integers(-2, 3, 24000).astype("<i2").tobytes(),
    "noise of an 8-bit source": (_RANDOM.integers(-9, 9, 24000) * 256).astype("<i2").tobytes(),
    "noise on an offset": _samples(_RANDOM.standard_normal(24000) * 40 + 9000),
    "noise bursts": _samples(_RANDOM.standard_normal(24000) * 9000 * (_TIME % 0.2 < 0.05)),
    "clicks": _samples(20000 * (_RANDOM.random(24000) < 0.001)),
    "just below half the sample rate": _samples(20000 * np.sin(2 * np.pi * 11900 * _TIME)),
    "at half the sample rate": np.tile(np.array([16384, -16384], "<i2"), 12000).tobytes(),
    "a square wave": _samples(np.sign(np.sin(2 * np.pi * 6000 * _TIME + 0.1)) * 257),
    "frequency-shift keying": _samples(
        12000 * np.sin(2 * np.pi * np.cumsum(np.repeat(500 + 100 * _RANDOM.integers(0, 16, 84), 288)[:24000]) / 24000)
    ),
    "stereo": np.repeat(np.frombuffer(PCM, "<i2"), 2).tobytes(),
    "stereo, one side silent": np.stack([np.frombuffer(PCM, "<i2"), np.zeros(24000, "<i2")], 1).tobytes(),
    "stereo, opposite sides": np.stack([np.frombuffer(PCM, "<i2"), -np.frombuffer(PCM, "<i2")], 1).tobytes(),
    "8 kHz": corpus.pcm(rate=8000),
    "48 kHz": corpus.pcm(rate=48000),
    "steady values that spell letters": b"@@" * 24000,
    "noise whose bytes are all letters": _samples(0x4848 + _RANDOM.standard_normal(24000) * 3),
    "constant full scale": b"\xff\x7f" * 24000,
}


@pytest.mark.parametrize("data", [pytest.param(data, id=name) for name, data in PCM_SOUNDS.items()])
def test_any_sound_is_legal_pcm(data):
    """Nearly all bytes are some sound; whatever samples may hold is not accused."""
    report = judge_audio(data, "pcm")
    assert report.problems == ()
    assert report.duration_s == pytest.approx(len(data) / 48000)


@given(
    tones=st.lists(st.tuples(st.integers(20, 11990), st.floats(0.1, 32000)), max_size=4),
    noise=st.floats(0, 20000),
    offset=st.integers(-20000, 20000),
    seed=st.integers(0, 2**32 - 1),
    length=st.integers(1, 9000),
)
@settings(max_examples=150, deadline=None)
def test_no_mixture_of_tones_and_noise_is_accused(tones, noise, offset, seed, length):
    """The byte-order check must not mistake any ordinary sound."""
    time = np.arange(length) / 24000
    values = noise * np.random.default_rng(seed).standard_normal(length) + offset
    for hertz, size in tones:
        values = values + size * np.sin(2 * np.pi * hertz * time)
    assert judge_audio(_samples(values), "pcm").problems == ()

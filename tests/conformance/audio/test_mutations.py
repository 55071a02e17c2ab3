"""Every way of spoiling a body that leaves a trace in its bytes is seen."""

import struct

import numpy as np
import pytest

from conformance.audio import judge_audio
from tests.conformance.audio import corpus
from tests.conformance.audio.mutations import MUTATIONS

FORMATS = ("mp3", "opus", "aac", "flac", "wav", "pcm")


def good(format_name):
    """A clean second of sound."""
    return corpus.pcm() if format_name == "pcm" else corpus.encode(corpus.PLAIN[format_name])


@pytest.mark.parametrize(
    ("mutation", "format_name"),
    [
        pytest.param(mutation, name, id=f"{mutation.name}: {name}")
        for mutation in MUTATIONS
        for name in FORMATS
        if name not in mutation.unseen
    ],
)
def test_a_spoiled_body_is_accused(mutation, format_name):
    """Clean before, accused after."""
    data = good(format_name)
    assert judge_audio(data, format_name).ok
    spoiled = mutation.spoil(data)
    assert spoiled != data
    assert judge_audio(spoiled, format_name).problems


@pytest.mark.parametrize(("sent", "asked"), [(sent, asked) for sent in FORMATS for asked in FORMATS if sent != asked])
def test_one_format_is_not_taken_for_another(sent, asked):
    """Also wav, mp3 and all others sent as pcm, and pcm sent as them."""
    assert judge_audio(good(sent), asked).problems


def test_another_codec_in_ogg_is_not_opus():
    """audio/ogg is opus here, and nothing else."""
    encoder = (("strict", "-2"),)
    data = corpus.encode(corpus.Recipe("ogg", "vorbis", layout="stereo", sample_format="fltp", encoder=encoder))
    assert "ogg" in judge_audio(data, "opus").problems[0]
    assert judge_audio(data, "flac").problems


@pytest.mark.parametrize("format_name", ["mp3", "opus", "aac", "flac", "wav"])
def test_a_header_without_audio_is_accused(format_name):
    """What an encoder writes when it is given nothing, or the first part of what it writes."""
    data = good(format_name)
    if format_name == "opus":
        size = data.index(b"OggS", data.index(b"OpusTags"))
    else:
        size = {"mp3": 20 + 192, "aac": 7, "flac": 4 + 4 + 34, "wav": 44}[format_name]
    assert judge_audio(data[:size], format_name).problems


def test_an_empty_wav_lasts_no_time():
    """A header that truly says 0 bytes of audio."""
    form = struct.pack("<HHIIHH", 1, 1, 24000, 48000, 2, 16)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + bytes(4)
    assert judge_audio(b"RIFF" + struct.pack("<I", len(body)) + body, "wav").problems


@pytest.mark.parametrize("cut", range(1, 40, 3))
@pytest.mark.parametrize("format_name", ["mp3", "opus", "aac", "flac", "wav"])
def test_a_cut_near_the_end_is_accused(format_name, cut):
    """However few bytes are missing."""
    assert judge_audio(good(format_name)[:-cut], format_name).problems


def test_a_cut_between_ogg_pages_is_accused():
    """Only the missing end mark shows it."""
    data = corpus.encode(corpus.Recipe("ogg", "libopus", rate=48000, muxer=(("page_duration", "100000"),)))
    last = data.rindex(b"OggS")
    assert any("end" in problem for problem in judge_audio(data[:last], "opus").problems)


def test_a_missing_ogg_page_is_accused():
    """The page numbers have a gap."""
    data = corpus.encode(corpus.Recipe("ogg", "libopus", rate=48000, muxer=(("page_duration", "100000"),)))
    starts = [at for at in range(len(data)) if data.startswith(b"OggS", at)]
    assert any("missing" in problem for problem in judge_audio(data[: starts[4]] + data[starts[5] :], "opus").problems)


@pytest.mark.parametrize("which", [0, 5, 20, -1])
def test_a_missing_mp3_frame_is_accused(which):
    """Whether or not the stream says how many there are: by count, or by the bytes other frames borrow from it."""
    data = corpus.encode(corpus.PLAIN["mp3"])
    first = data.index(b"\xff\xf3", data.index(b"Lav"))
    size = 192
    frames = [first + size * number for number in range((len(data) - first) // size)]
    at = frames[which]
    spoiled = data[:at] + data[at + size :]
    assert judge_audio(spoiled, "mp3").problems


@pytest.mark.parametrize("format_name", ["mp3", "opus", "flac"])
def test_a_flipped_bit_is_accused(format_name):
    """These three carry checksums (mp3 in its LAME tag), so one wrong bit anywhere in the audio shows."""
    data = good(format_name)
    first = {
        "mp3": 20 + 192,
        "opus": data.index(b"OpusTags") if format_name == "opus" else 0,
        "flac": data.find(b"\xff\xf8"),
    }
    for place in np.linspace(first[format_name], len(data) - 1, 60).astype(int):
        spoiled = bytearray(data)
        spoiled[place] ^= 1 << place % 8
        assert judge_audio(bytes(spoiled), format_name).problems, place


def test_flac_frames_out_of_order_are_accused():
    """Each frame is whole, yet one is missing."""
    data = good("flac")
    starts = [at for at in range(len(data)) if data.startswith(data[data.index(b"\xff\xf8") :][:4], at)]
    assert len(starts) > 4
    assert judge_audio(data[: starts[2]] + data[starts[3] :], "flac").problems


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[1:] + b"\0", id="a byte lost in front, one added behind"),
        pytest.param(lambda data: data[:16001] + data[16002:] + b"\0", id="a byte lost inside, one added behind"),
        pytest.param(lambda data: np.frombuffer(data, "<i2").astype(">i2").tobytes(), id="big-endian"),
        pytest.param(lambda data: (np.frombuffer(data, "<i2") / 32768).astype("<f4").tobytes(), id="32-bit floats"),
        pytest.param(lambda data: b"\0\0" + good("wav"), id="wav behind two bytes"),
        pytest.param(lambda data: good("wav")[:-44], id="wav"),
    ],
)
def test_pcm_of_another_shape_is_accused(spoil):
    """An even number of bytes, but not little-endian 16-bit samples."""
    assert judge_audio(spoil(good("pcm")), "pcm").problems


def test_a_second_wav_header_is_accused():
    """Parts glued together with their headers: a click in every player, or the wrong length."""
    data = good("wav")
    streamed = data[:4] + b"\xff" * 4 + data[8:].replace(b"data" + data[40:44], b"data" + b"\xff" * 4, 1)
    assert judge_audio(streamed, "wav").ok == (b"data\xff\xff\xff\xff" in streamed)
    assert judge_audio(data + data, "wav").problems
    assert judge_audio(streamed + data, "wav").problems

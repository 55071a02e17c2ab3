"""The judge survives anything, in bounded time, from several threads at once."""

import struct
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conformance.audio import FORMATS, AudioReport, identify, judge_audio
from tests.conformance.audio import corpus

HEADS = [
    b"",
    b"RIFF\xff\xff\xff\xffWAVE",
    b"fLaC",
    b"OggS\0\2",
    b"ID3\4\0\0",
    b"\xff\xfb\x90\x00",
    b"\xff\xf1\x50",
    b"{",
]


@given(head=st.sampled_from(HEADS), rest=st.binary(max_size=400), format_name=st.sampled_from(FORMATS))
@settings(max_examples=300, deadline=None)
@example(b"", b"", "pcm")
@example(b"", b"\0", "pcm")
def test_no_bytes_make_it_raise(head, rest, format_name):
    """Garbage gets a report; only pcm can take garbage for audio."""
    report = judge_audio(head + rest, format_name)
    assert isinstance(report, AudioReport)
    assert report.ok <= (report.duration_s > 0)
    assert isinstance(identify(head + rest), str)


@given(
    format_name=st.sampled_from(["mp3", "opus", "aac", "flac", "wav"]),
    at=st.floats(0, 1),
    patch=st.binary(min_size=1, max_size=12),
    cut=st.integers(0, 12),
)
@settings(max_examples=300, deadline=None)
def test_no_damage_makes_it_raise(format_name, at, patch, cut):
    """Good files with a few bytes replaced anywhere, headers included."""
    data = corpus.encode(corpus.PLAIN[format_name], seconds=0.2)
    place = int(at * len(data))
    assert isinstance(judge_audio(data[:place] + patch + data[place + cut :], format_name), AudioReport)


@given(
    format_name=st.sampled_from(["mp3", "opus", "aac", "flac", "wav"]),
    place=st.integers(0, 120),
    value=st.integers(0, 255),
)
@settings(max_examples=300, deadline=None)
def test_no_damaged_header_makes_it_raise(format_name, place, value):
    """Every byte of the header may be any."""
    data = bytearray(corpus.encode(corpus.PLAIN[format_name], seconds=0.2))
    data[place] = value
    assert isinstance(judge_audio(bytes(data), format_name), AudioReport)


def test_an_unknown_format_is_the_callers_mistake():
    """Not a verdict on the bytes."""
    with pytest.raises(ValueError, match="mp3, opus"):
        judge_audio(b"", "vorbis")


def test_several_threads_get_their_own_reports():
    """Good and spoiled bodies judged at once are told apart, every time."""
    bodies = [(name, corpus.encode(recipe)) for name, recipe in corpus.PLAIN.items()]
    jobs = [
        (name, data[: -1 - index % 2 * 700] if index % 2 else data, not index % 2)
        for index in range(6)
        for name, data in bodies
    ]
    with ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(lambda job: judge_audio(job[1], job[0]).ok, jobs))
    assert verdicts == [expected for *_, expected in jobs]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(("mp3", b"\xff\xfb\x90\x00" * 250000), id="mp3 headers only"),
        pytest.param(("mp3", b"\xff\xfb\x00\x00" * 250000), id="free-format mp3 headers only"),
        pytest.param(("aac", (b"\xff\xf1\x50\x40\x00\xff\xfc") * 140000), id="empty ADTS frames"),
        pytest.param(
            ("flac", b"fLaC\x80\0\0\x22" + bytes(10) + b"\x05\xdc\x02\xf0" + bytes(20) + b"\xff\xf8" * 500000),
            id="flac syncs",
        ),
        pytest.param(("wav", b"RIFF\xff\xff\xff\xffWAVE" + (b"LIST" + bytes(4)) * 125000), id="empty chunks"),
        pytest.param(("pcm", bytes(range(256)) * 4000), id="pcm"),
    ],
)
def test_a_megabyte_of_malice_takes_little_time(data):
    """Time grows with the size only; the bound is far above what is needed, for busy machines."""
    began = time.process_time()
    judge_audio(data[1], data[0])
    assert time.process_time() - began < 8


def test_decoding_stops_after_an_hour():
    """A small body that unfolds to more than an hour is judged by its first hour, and says so."""
    frames = corpus.encode(corpus.Recipe("wav", "pcm_u8", rate=8000, sample_format="u8"), seconds=0.1)
    form = struct.pack("<HHIIHH", 1, 1, 100, 100, 1, 8)
    samples = frames[-800:] * 500
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(samples)) + samples
    report = judge_audio(b"RIFF" + struct.pack("<I", len(body)) + body, "wav")
    assert report.problems == ()
    assert any("hour" in note for note in report.notes)
    assert report.duration_s == pytest.approx(4000)

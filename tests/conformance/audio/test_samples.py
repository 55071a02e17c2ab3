"""The suite's own uploads are real audio, small, and never the same for two markers."""

import hashlib
import io
import threading

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.audio import identify, judge_audio
from conformance.audio.samples import (
    CONTAINERS,
    SAMPLE_RATE,
    encode,
    speech_like_samples,
    speech_like_wav,
    tiny_wav,
)


def _decoded_seconds(data):
    with av.open(io.BytesIO(data)) as opened:
        return sum(frame.samples / frame.sample_rate for frame in opened.decode(audio=0))


@pytest.mark.parametrize("seconds", [0.05, 0.3, 1.0, 2.5])
def test_a_sample_is_a_clean_wav_of_its_length(seconds):
    """16 kHz mono, 32 kB a second and the header."""
    data = speech_like_wav("length", seconds)
    report = judge_audio(data, "wav")
    assert report.problems == ()
    assert report.notes == ()
    assert (report.sample_rate, report.channels) == (SAMPLE_RATE, 1)
    assert report.duration_s == pytest.approx(seconds, abs=0.001)
    assert len(data) == 44 + 2 * round(seconds * SAMPLE_RATE)


@given(one=st.text(max_size=30), other=st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_a_marker_decides_the_bytes(one, other):
    """Equal for equal markers, different for different ones, even in the shortest clips used."""
    first, second = speech_like_wav(one, 0.1), speech_like_wav(other, 0.1)
    assert (first == second) == (one == other)


def test_many_markers_have_as_many_digests():
    """Running numbers, as the suite's markers are."""
    digests = {hashlib.sha256(speech_like_wav(f"case-{number}", 0.05)).hexdigest() for number in range(300)}
    assert len(digests) == 300


def test_it_is_loud_enough_and_has_pauses():
    """A recogniser's voice detection gets speech to work on, and no clipping."""
    samples = speech_like_samples("voice").astype(float)
    loudness = np.abs(samples[: samples.size // 400 * 400].reshape(-1, 400)).mean(axis=1)
    assert 3000 < np.abs(samples).max() < 32000
    assert (loudness > 500).mean() > 0.4
    assert (loudness < 100).mean() > 0.1


@pytest.mark.parametrize("seconds", [0, -1.0])
def test_no_length_is_no_sample(seconds):
    """The mistake is named."""
    with pytest.raises(ValueError, match="longer than 0"):
        speech_like_wav("none", seconds)


@pytest.mark.parametrize("extension", CONTAINERS)
def test_every_container_decodes_to_the_same_length(extension):
    """All that providers take, from the same samples."""
    data = encode(speech_like_samples("container", 0.7), extension)
    assert _decoded_seconds(data) == pytest.approx(0.7, abs=0.13)


@pytest.mark.parametrize(
    ("extension", "name"),
    [("wav", "wav"), ("mp3", "mp3"), ("flac", "flac"), ("ogg", "opus"), ("webm", "webm"), ("m4a", "mp4")],
)
def test_every_container_is_what_its_extension_says(extension, name):
    """And clean, where the judge knows the format."""
    data = encode(speech_like_samples("container", 0.7), extension)
    assert identify(data) == name
    if name not in ("webm", "mp4"):
        assert judge_audio(data, name).problems == ()


@pytest.mark.parametrize("extension", CONTAINERS)
def test_encoding_is_repeatable_in_any_thread(extension):
    """A case that is rerun uploads the same bytes."""
    samples = speech_like_samples("again", 0.3)
    results = []
    threads = [threading.Thread(target=lambda: results.append(encode(samples, extension))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert len(set(results)) == 1


def test_an_unknown_extension_names_the_known_ones():
    """The error says what there is."""
    with pytest.raises(ValueError, match=r"'xyz'.*wav, mp3"):
        encode(speech_like_samples("x", 0.1), "xyz")


def test_the_tiny_wav_is_whole_and_tiny():
    """Under 300 bytes, yet longer than the shortest upload OpenAI takes."""
    data = tiny_wav()
    report = judge_audio(data, "wav")
    assert len(data) < 300
    assert report.problems == ()
    assert report.duration_s > 0.1
    assert tiny_wav() == data

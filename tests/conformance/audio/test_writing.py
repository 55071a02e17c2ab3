"""The one writer of wav files: what it writes is read by the standard library, by FFmpeg and by our own judge."""

from __future__ import annotations

import io
import wave

import av
import pytest

from conformance.audio import judge_audio
from conformance.audio.writing import HEADER_BYTES, bare_samples, filled_up, streamed, wav_file

SAMPLES = bytes(range(256)) * 40


@pytest.mark.parametrize(("bits", "channels", "rate"), [(16, 1, 16_000), (8, 1, 8000), (16, 2, 48_000)])
def test_a_file_holds_its_samples_and_says_what_they_are(bits: int, channels: int, rate: int) -> None:
    data = wav_file(SAMPLES, rate=rate, bits=bits, channels=channels)
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getsampwidth() * 8, sound.getnchannels(), sound.getframerate()) == (bits, channels, rate)
        assert sound.readframes(sound.getnframes()) == SAMPLES
    assert judge_audio(data, "wav").problems == ()
    assert (bare_samples(data), len(data)) == (SAMPLES, HEADER_BYTES + len(SAMPLES))


def test_a_file_that_is_filled_up_is_as_long_to_hear() -> None:
    data = wav_file(SAMPLES, rate=16_000, bits=16)
    large = filled_up(data, 100_000)
    assert len(large) == 100_000
    assert judge_audio(large, "wav").problems == ()
    assert decoded(large) == decoded(data) == len(SAMPLES) // 2


def test_a_streamed_file_has_placeholders_for_its_sizes() -> None:
    data = wav_file(SAMPLES, rate=16_000, bits=16)
    open_sizes = streamed(data)
    assert (open_sizes[4:8], open_sizes[40:44]) == (b"\xff" * 4, b"\xff" * 4)
    assert len(open_sizes) == len(data)
    assert judge_audio(open_sizes, "wav").problems == ()
    assert decoded(open_sizes) == len(SAMPLES) // 2


def decoded(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))

"""Inputs and uploads of an exact size: a quota is judged by one character and one byte."""

from __future__ import annotations

import io
import wave

import pytest

from conformance.samples.sizes import text_of, wav_of

MARKER = "mark0a1b2cn12z"


@pytest.mark.parametrize("characters", [1, 2, 14, 16, 17, 18, 200, 4096])
def test_a_text_has_exactly_so_many_characters_and_nothing_to_strip(characters: int) -> None:
    """Its last letter is not ASCII; the marker is in it where it fits."""
    text = text_of(characters, MARKER)
    assert len(text) == characters
    assert text.strip() == text
    assert len(text.encode()) > characters
    assert (MARKER in text) == (characters > len(MARKER) + 2)


@pytest.mark.parametrize("size", [1, 43, 44, 45, 46, 1000, 1001, 40_000])
def test_an_upload_has_exactly_so_many_bytes(size: int) -> None:
    """Above the size of a head it is a wav file, and no two markers make the same one."""
    upload = wav_of(size, MARKER)
    assert len(upload.data) == size
    assert size <= 44 or upload.data != wav_of(size, f"{MARKER}x").data


def test_a_large_enough_upload_is_a_wav_file() -> None:
    with wave.open(io.BytesIO(wav_of(10_044, MARKER).data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
        assert sound.getnframes() == 5000

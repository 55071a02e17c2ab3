"""Awkward uploads are whole audio: whoever loses a byte of them loses a sample."""

from __future__ import annotations

import io

import av
import pytest

from conformance.samples.uploads import (
    ENDINGS,
    LONG_NAMES,
    ODD_NAMES,
    PLAIN_NAMES,
    awkward_upload,
    large_wav,
    wav_ending,
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_awkward_uploads_are_decoded_to_the_last_sample(ending: str) -> None:
    """They end with the awkward bytes."""
    data = wav_ending(ENDINGS[ending], "mark1z")
    assert data.endswith(ENDINGS[ending])
    assert samples_of(data) == len(data) - 44
    assert awkward_upload(ending, "mark1z").data == data


def test_no_two_markers_make_the_same_upload() -> None:
    assert wav_ending(b"x", "mark1z") != wav_ending(b"x", "mark2z")
    assert large_wav(100_000, "mark1z") != large_wav(100_000, "mark2z")


def test_large_uploads_are_whole_audio() -> None:
    data = large_wav(100_000, "mark1z")
    assert samples_of(data) == (len(data) - 44) // 4


@pytest.mark.parametrize("name", [*PLAIN_NAMES, *ODD_NAMES])
def test_every_name_carries_the_marker(name: str) -> None:
    assert "mark1z" in name.format("mark1z")


@pytest.mark.parametrize("letters", LONG_NAMES)
def test_long_names_are_such_as_file_systems_take(letters: str) -> None:
    """A marker has up to 40 characters."""
    size = len(LONG_NAMES[letters].format("mark1z").encode())
    assert 180 < size < 255 - 40


def samples_of(data: bytes) -> int:
    with av.open(io.BytesIO(data)) as container:
        return sum(frame.samples for frame in container.decode(audio=0))

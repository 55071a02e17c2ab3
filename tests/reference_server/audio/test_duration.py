"""How long a recording is: a plain wav tells it by its size, and FFmpeg finds the same in its packets."""

from __future__ import annotations

import asyncio
import struct

import numpy as np
import pytest

from mock_upstreams.codecs import encode
from mock_upstreams.codecs.wav import wav_header
from reference_server.audio import duration
from reference_server.audio.duration import audio_seconds
from reference_server.decoding.body import spool
from reference_server.requests import Upload

HALF_A_SECOND = bytes(24_000)
WAV = wav_header(len(HALF_A_SECOND), 24_000) + HALF_A_SECOND
SIZE, RATE, CHANNELS, BITS = 40, 24, 22, 34


def patched(at: int, value: bytes) -> bytes:
    """The recording with other bytes in its header."""
    return WAV[:at] + value + WAV[at + len(value) :]


RECORDINGS = {
    "plain": WAV,
    "cut off": WAV[:9044],
    "longer by its header than it is": patched(SIZE, struct.pack("<I", 10**9)),
    "of no length by its header, as a streamed one": patched(SIZE, bytes(4)),
    "of the greatest length, as a streamed one": patched(SIZE, b"\xff" * 4),
    "of half a sample more": WAV + b"x",
    "with a chunk of an odd size before the samples": WAV[:12] + b"LIST" + struct.pack("<I", 5) + b"abcde\0" + WAV[12:],
    "stereo": patched(CHANNELS, struct.pack("<H", 2)),
    "without channels": patched(CHANNELS, bytes(2)),
    "of no rate": patched(RATE, bytes(4)),
    "of no bits": patched(BITS, bytes(2)),
    "its header alone": WAV[:44],
    "its first bytes alone": WAV[:12],
    "of nothing": b"",
    "flac": encode(np.zeros(12_000, np.int16), "flac"),
}


def measured(data: bytes) -> float:
    """Seconds of a recording in a file as the gateway keeps it."""
    with spool() as file:
        file.write(data)
        return asyncio.run(
            audio_seconds(Upload(file=file, size=len(data), file_name="a.wav", content_type="audio/wav"))
        )


@pytest.mark.parametrize("name", RECORDINGS)
def test_it_is_as_long_as_its_packets_say(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measured(RECORDINGS[name])
    monkeypatch.setattr(duration, "_seconds_of_wav", lambda _: None)
    assert found == pytest.approx(measured(RECORDINGS[name]))
    assert (found > 0.1) is (
        name not in {"without channels", "of no rate", "of no bits"} and len(RECORDINGS[name]) > 44
    )


def test_a_plain_wav_is_not_given_to_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which takes a thousand times as long for it."""
    monkeypatch.setattr(duration, "_measure", lambda _: pytest.fail("FFmpeg was asked"))
    assert measured(WAV) == 0.5

"""Recordings that are whole and say nothing true of their length: as they are when they were streamed to a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conformance.audio.samples import CONTAINERS, encode, speech_like_samples, speech_like_wav
from conformance.audio.writing import streamed
from conformance.http.bodies import Upload

_SECONDS = 2.0
# In FLAC's first block: four bits, and the four bytes behind them, count its samples; zero stands for unknown.
_COUNT = 21
_SYNC = b"\xff"


def _wav(marker: str) -> bytes:
    """Both sizes are placeholders: by them it lasts for a day and a half."""
    return streamed(speech_like_wav(marker, _SECONDS))


def _flac(marker: str) -> bytes:
    """How many samples there are is unknown."""
    data = encode(speech_like_samples(marker, _SECONDS), "flac")
    return data[:_COUNT] + bytes([data[_COUNT] & 0xF0]) + bytes(4) + data[_COUNT + 5 :]


def _mp3(marker: str) -> bytes:
    """Without its first frame, which counts the others: who guesses takes the rate of the first one for all."""
    data = encode(speech_like_samples(marker, _SECONDS), "mp3")
    first = data.index(_SYNC)
    return data[data.index(data[first : first + 2], first + 2) :]


def _upload(extension: str, make: Callable[[str], bytes]) -> Callable[[str], Upload]:
    return lambda marker: Upload(make(marker), f"{marker}.{extension}", CONTAINERS[extension].media_type)


ODD_RECORDINGS: Mapping[str, Callable[[str], Upload]] = {
    "wav": _upload("wav", _wav),
    "flac": _upload("flac", _flac),
    "mp3": _upload("mp3", _mp3),
}
"""By container: makes one that belongs to a case."""

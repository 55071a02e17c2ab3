"""Speech: the audio's bytes. Broken streams, and whole ones that are not what the provider sent."""

from __future__ import annotations

import struct
from collections.abc import Callable

from tests.mutants.conditions import SERVED, When, lacks, on, sent
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import Answer, Asked
from tests.mutants.fault import Fault, Mutant

_OK = on("speech") & SERVED
_LONG_BYTES = 200_000
_HEADER_BYTES = 44


def _wanted(name: str) -> When:
    return sent("response_format", lambda value: value == name)


def _bytes(change: Callable[[bytes], bytes], when: When) -> Fault:
    return answers(lambda _, answer: answer.with_body(change(answer.body)), _OK & when)


def _given(other: str, asked: str) -> Fault:
    """Another format than asked is produced, and rightly labelled."""
    return requests(lambda request: request.with_fields(response_format=other), on("speech") & _wanted(asked))


def _cut(count: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:-count]


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0x10]) + data[middle + 1 :]


def _riff(data: bytes) -> bytes:
    """The samples behind a WAV header."""
    form = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1, 24_000, 48_000, 2, 16)
    return form + struct.pack("<4sI", b"data", len(data)) + data


def _header_in_the_middle(data: bytes) -> bytes:
    """As if every piece of a stream were a file of its own."""
    middle = _HEADER_BYTES + (len(data) - _HEADER_BYTES) // 4 * 2
    return data[:middle] + data[:_HEADER_BYTES] + data[middle:]


def _last_mp3_frame_lost(data: bytes) -> bytes:
    start = 0
    if data[:3] == b"ID3":
        start = 10 + sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    return data[: data.rfind(data[start : start + 2])]


def _first_aac_frame_lost(data: bytes) -> bytes:
    length = (data[3] & 3) << 11 | data[4] << 3 | data[5] >> 5
    return data[length:]


def _pages(data: bytes) -> list[int]:
    return [at for at in range(len(data)) if data.startswith(b"OggS", at)]


def _last_page_lost(data: bytes) -> bytes:
    return data[: _pages(data)[-1]]


def _one_sample_louder(data: bytes) -> bytes:
    at = len(data) // 4 * 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _through_text(data: bytes) -> bytes:
    return data.decode("utf-8", "replace").encode()


def _when_long(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    return lambda data: change(data) if len(data) > _LONG_BYTES else data


def _tags_only(data: bytes) -> bytes:
    return b"ID3\x04\x00\x00\x00\x00\x00\x20" + bytes(0x20)


def _swapped(data: bytes) -> bytes:
    return bytes(byte for pair in zip(data[1::2], data[::2], strict=False) for byte in pair)


def _empty(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(b"")


_BROKEN = (
    Mutant("mp3-is-only-tags", "speech.format.mp3", _bytes(_tags_only, _wanted("mp3")), "E10"),
    Mutant("mp3-cut-in-a-frame", "speech.format.mp3", _bytes(_cut(10), _wanted("mp3"))),
    Mutant("mp3-through-text", "speech.format.mp3", _bytes(_through_text, _wanted("mp3")), "E11"),
    Mutant("wav-for-mp3", "speech.format.mp3", _given("wav", "mp3"), "D11"),
    Mutant("wav-for-opus", "speech.format.opus", _given("wav", "opus"), "D6"),
    Mutant("opus-tail-not-flushed", "speech.format.opus", _bytes(_last_page_lost, _wanted("opus")), "E5"),
    Mutant("mp3-for-aac", "speech.format.aac", _given("mp3", "aac"), "D5"),
    Mutant("aac-cut-in-a-frame", "speech.format.aac", _bytes(_cut(3), _wanted("aac"))),
    Mutant("flac-one-bit-flipped", "speech.format.flac", _bytes(_flipped, _wanted("flac")), "E7"),
    Mutant("flac-cut", "speech.format.flac", _bytes(_cut(1), _wanted("flac"))),
    Mutant("wav-header-per-piece", "speech.provider-bytes.wav", _bytes(_header_in_the_middle, _wanted("wav")), "E4"),
    Mutant("wav-with-trailing-junk", "speech.format.wav", _bytes(lambda data: data + b"trailing junk", _wanted("wav")), "E6"),
    Mutant("wav-cut", "speech.format.wav", _bytes(_cut(2), _wanted("wav"))),
    Mutant("mp3-for-wav", "speech.format.wav", _given("mp3", "wav"), "D10"),
    Mutant("pcm-with-wav-header", "speech.format.pcm", _bytes(_riff, _wanted("pcm")), "D12"),
    Mutant("pcm-half-a-sample-lost", "speech.format.pcm", _bytes(_cut(1), _wanted("pcm"))),
    Mutant("default-empty-200", "speech.format.default", answers(_empty, _OK & lacks("response_format")), "G5"),
)  # fmt: skip

_ALTERED = (
    Mutant("mp3-last-frame-lost", "speech.provider-bytes.mp3", _bytes(_last_mp3_frame_lost, _wanted("mp3"))),
    Mutant("opus-one-byte-more", "speech.provider-bytes.opus", _bytes(lambda data: data + b"\0", _wanted("opus"))),
    Mutant("aac-first-frame-lost", "speech.provider-bytes.aac", _bytes(_first_aac_frame_lost, _wanted("aac"))),
    Mutant("flac-one-byte-more", "speech.provider-bytes.flac", _bytes(lambda data: data + b"\0", _wanted("flac"))),
    Mutant("wav-one-sample-changed", "speech.provider-bytes.wav", _bytes(_one_sample_louder, _wanted("wav"))),
    Mutant("pcm-one-sample-lost", "speech.provider-bytes.pcm", _bytes(_cut(2), _wanted("pcm"))),
    Mutant("pcm-big-endian", "speech.provider-bytes.pcm", _bytes(_swapped, _wanted("pcm"))),
    Mutant("long-speech-cut", "speech.provider-bytes.long", _bytes(_when_long(_cut(2)), When(lambda _, __: True))),
)

MUTANTS = (*_BROKEN, *_ALTERED)

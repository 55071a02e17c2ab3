"""Tags that players allow around MPEG audio, ADTS and FLAC: ID3v2, ID3v1, Lyrics3 and APEv2.

None of them is audio, and a decoder fed with them complains, so the walkers and the decoder get only what lies between.
"""

from __future__ import annotations

from dataclasses import dataclass

_ID3V2_HEADER = 10
_ID3V1_SIZE = 128
_ID3V1_EXTENSION = 227
_APE_FOOTER = 32
_LYRICS_END = b"LYRICS200"
_LYRICS_DIGITS = 6


@dataclass(frozen=True, slots=True)
class AudioSpan:
    """Where the audio lies between the tags, in bytes; `names` are the tags met, `problem` a tag that is cut off."""

    start: int
    stop: int
    names: tuple[str, ...] = ()
    problem: str | None = None


def audio_span(data: bytes) -> AudioSpan:
    """Find what is left of `data` once the tags before and behind it are taken off."""
    start, names = 0, []
    while size := id3v2_size(data, start):
        start += size
        names.append("ID3v2")
        if start > len(data):
            return AudioSpan(
                len(data),
                len(data),
                tuple(names),
                f"the ID3v2 tag is cut off: it needs {start} bytes, {len(data)} came",
            )
    stop = len(data)
    while found := _trailing(data, start, stop):
        name, size = found
        stop -= size
        names.append(name)
    return AudioSpan(start, stop, tuple(names))


def id3v2_size(data: bytes, at: int) -> int:
    """Size in bytes of the ID3v2 tag at `at`, its header and footer included; 0 if none stands there."""
    head = data[at : at + _ID3V2_HEADER]
    if len(head) < _ID3V2_HEADER or head[:3] != b"ID3" or head[3] == 0xFF or any(byte & 0x80 for byte in head[6:]):
        return 0
    footer = _ID3V2_HEADER if head[5] & 0x10 else 0
    return _ID3V2_HEADER + _syncsafe(head[6:]) + footer


def _trailing(data: bytes, start: int, stop: int) -> tuple[str, int] | None:
    for name, size_of in (("ID3v1", _id3v1), ("APEv2", _ape), ("Lyrics3", _lyrics), ("ID3v2", _appended_id3v2)):
        size = size_of(data, stop)
        if 0 < size <= stop - start:
            return name, size
    return None


def _id3v1(data: bytes, stop: int) -> int:
    if data[max(0, stop - _ID3V1_SIZE) : stop][:3] != b"TAG" or stop < _ID3V1_SIZE:
        return 0
    before = stop - _ID3V1_SIZE - _ID3V1_EXTENSION
    extended = before >= 0 and data[before : before + 4] == b"TAG+"
    return _ID3V1_SIZE + (_ID3V1_EXTENSION if extended else 0)


def _ape(data: bytes, stop: int) -> int:
    footer = data[max(0, stop - _APE_FOOTER) : stop]
    if len(footer) < _APE_FOOTER or footer[:8] != b"APETAGEX":
        return 0
    has_header = footer[23] & 0x80
    return int.from_bytes(footer[12:16], "little") + (_APE_FOOTER if has_header else 0)


def _lyrics(data: bytes, stop: int) -> int:
    mark = stop - len(_LYRICS_END)
    if mark < _LYRICS_DIGITS or data[mark:stop] != _LYRICS_END:
        return 0
    digits = data[mark - _LYRICS_DIGITS : mark]
    return int(digits) + _LYRICS_DIGITS + len(_LYRICS_END) if digits.isdigit() else 0


def _appended_id3v2(data: bytes, stop: int) -> int:
    footer = data[max(0, stop - _ID3V2_HEADER) : stop]
    if len(footer) < _ID3V2_HEADER or footer[:3] != b"3DI" or any(byte & 0x80 for byte in footer[6:]):
        return 0
    return _syncsafe(footer[6:]) + 2 * _ID3V2_HEADER


def _syncsafe(four: bytes) -> int:
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]

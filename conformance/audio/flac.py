"""Walks a flac body: metadata blocks, then every frame by its own checksums (RFC 9639)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.audio.checksums import crc8, crc16
from conformance.audio.remarks import Remarks, Structure
from conformance.audio.tags import audio_span

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAGIC = b"fLaC"
_STREAMINFO, _STREAMINFO_SIZE = 0, 34
_LAST_KNOWN_BLOCK, _INVALID_BLOCK = 6, 127
_LONGEST_HEADER = 16


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What the first metadata block says; `samples` per channel in all, 0 if the encoder did not know."""

    sample_rate: int
    channels: int
    samples: int


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """One frame header. `number` counts samples if `variable`, else frames; `samples` per channel."""

    variable: bool
    samples: int
    number: int

    @property
    def follower(self) -> int:
        """The number that the next frame must carry."""
        return self.number + (self.samples if self.variable else 1)


def walk(data: bytes) -> Structure:
    """Walk the metadata and all frames; every byte must belong to one of them."""
    remarks, span = Remarks(), audio_span(data)
    if span.names:
        remarks.note(f"tags that are not part of FLAC around it: {', '.join(span.names)}")
    body = data[span.start : span.stop]
    start, info = _metadata(body, remarks)
    if info is None:
        return Structure(remarks)
    samples = _judge_frames(body, start, remarks)
    if not samples:
        remarks.problem("there is no whole frame of audio behind the metadata")
    if not info.samples:
        remarks.note("the number of samples is not written: a streaming encoder")
    elif samples != info.samples and not remarks.problems:
        remarks.problem(f"STREAMINFO promises {info.samples} samples, the frames hold {samples}")
    rate = info.sample_rate
    return Structure(remarks, samples / rate if rate else 0.0, rate, info.channels, ((span.start, span.stop),))


def _metadata(body: bytes, remarks: Remarks) -> tuple[int, StreamInfo | None]:
    """Where the frames begin, and STREAMINFO; None in its place if the metadata is broken."""
    at, info, last = len(_MAGIC), None, False
    while not last:
        head = body[at : at + 4]
        size = int.from_bytes(head[1:], "big")
        if len(head) < 4 or at + 4 + size > len(body):
            remarks.problem(f"the metadata is cut off at byte {at}")
            return at, None
        last, kind = bool(head[0] & 0x80), head[0] & 0x7F
        if kind == _INVALID_BLOCK or (info is None) != (kind == _STREAMINFO):
            remarks.problem(f"the metadata block at byte {at} has a type ({kind}) that cannot stand there")
            return at, None
        if kind > _LAST_KNOWN_BLOCK:
            remarks.note(f"metadata blocks of an unknown type ({kind})")
        if info is None:
            info = _stream_info(body[at + 4 : at + 4 + size], remarks)
            if info is None:
                return at, None
        at += 4 + size
    return at, info


def _stream_info(block: bytes, remarks: Remarks) -> StreamInfo | None:
    if len(block) != _STREAMINFO_SIZE:
        remarks.problem(f"STREAMINFO has {len(block)} bytes, not {_STREAMINFO_SIZE}")
        return None
    packed = int.from_bytes(block[10:18], "big")
    if not packed >> 44:
        remarks.problem("STREAMINFO says 0 Hz, so it is not audio")
        return None
    return StreamInfo(packed >> 44, (packed >> 41 & 7) + 1, packed & ((1 << 36) - 1))


def _judge_frames(body: bytes, start: int, remarks: Remarks) -> int:
    """Judge all frames from `start` on; returns the samples per channel in those before the first fault."""
    total, expected = 0, 0
    at = start
    while at < len(body):
        header = read_frame_header(body, at)
        if header is None:
            remarks.problem(f"no FLAC frame at byte {at} of {len(body)}: bytes are missing, damaged or foreign")
            break
        end = _frame_end(body, at)
        if end is None:
            remarks.problem(f"the frame at byte {at} is cut off or damaged: its checksum fits no ending")
            break
        if header.number != expected:
            remarks.problem(f"frames are missing: number {expected} was due at byte {at}, {header.number} came")
        expected, total, at = header.follower, total + header.samples, end
    return total


def _frame_end(body: bytes, at: int) -> int | None:
    """First byte behind the frame at `at`: the nearest following header, or the end, up to which the checksum holds."""
    crc, checked = 0, at
    for candidate in _candidates(body, at):
        crc, checked = crc16(body[checked:candidate], crc), candidate
        if crc == 0:
            return candidate
    return None


def _candidates(body: bytes, at: int) -> Iterator[int]:
    sync = body[at : at + 2]
    follower = body.find(sync, at + 2)
    while follower >= 0:
        if read_frame_header(body, follower) is not None:
            yield follower
        follower = body.find(sync, follower + 1)
    yield len(body)


def read_frame_header(data: bytes, at: int) -> FrameHeader | None:
    """Read the frame header at `at`; None if none can stand there (its checksum included)."""
    head = data[at : at + _LONGEST_HEADER]
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xFE != 0xF8:
        return None
    block_code, rate_code = head[2] >> 4, head[2] & 15
    if not block_code or rate_code == 15 or head[3] >> 4 > 10 or head[3] >> 1 & 7 == 3 or head[3] & 1:
        return None
    coded = _coded_number(head[4:])
    if coded is None:
        return None
    number, at_block = coded[0], 4 + coded[1]
    block_bytes = {6: 1, 7: 2}.get(block_code, 0)
    end = at_block + block_bytes + {12: 1, 13: 2, 14: 2}.get(rate_code, 0)
    if end >= len(head) or crc8(head[: end + 1]):
        return None
    return FrameHeader(bool(head[1] & 1), _block_samples(block_code, head[at_block : at_block + block_bytes]), number)


def _block_samples(code: int, extra: bytes) -> int:
    if extra:
        return int.from_bytes(extra, "big") + 1
    if code == 1:
        return 192
    return 576 << (code - 2) if code < 6 else 256 << (code - 8)


def _coded_number(data: bytes) -> tuple[int, int] | None:
    """Read a frame or sample number, written like a long UTF-8 character: its value and the bytes it takes."""
    first = data[0]
    if first < 0x80:
        return first, 1
    length = 8 - (first ^ 0xFF).bit_length()
    if not 2 <= length <= 7 or len(data) < length:
        return None
    value = first & ((1 << (7 - length)) - 1)
    for byte in data[1:length]:
        if byte & 0xC0 != 0x80:
            return None
        value = value << 6 | byte & 0x3F
    return value, length

"""Walks an aac body: ADTS frames (ISO 13818-7, 6.2; ISO 14496-3, 1.A.2)."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.audio.remarks import Remarks, Structure
from conformance.audio.tags import audio_span, id3v2_size

_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_SAMPLES_PER_BLOCK = 1024
_HEADER = 7
_CRC = 2
_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8)
"""By channel configuration; 0 says that the stream itself describes its channels."""


@dataclass(frozen=True, slots=True)
class Header:
    """One ADTS header. `size` is in bytes, header included; `blocks` of 1024 samples per channel each."""

    profile: int
    sample_rate: int
    configuration: int
    size: int
    blocks: int

    @property
    def kind(self) -> tuple[int, int, int]:
        """What may not change inside one stream."""
        return self.profile, self.sample_rate, self.configuration


def walk(data: bytes) -> Structure:
    """Walk all frames. ADTS has no end mark and no count: a cut between two frames cannot be seen."""
    remarks, span = Remarks(), audio_span(data)
    if span.problem:
        remarks.problem(span.problem)
    headers = _headers(data, span.start, span.stop, remarks)
    if not headers:
        remarks.problem("there is no ADTS frame in it")
        return Structure(remarks)
    if any(header.kind != headers[0].kind for header in headers):
        remarks.problem("the profile, sample rate or channels change inside the stream")
    first = headers[0]
    blocks = sum(header.blocks for header in headers)
    return Structure(
        remarks,
        duration_s=blocks * _SAMPLES_PER_BLOCK / first.sample_rate,
        sample_rate=first.sample_rate,
        channels=_CHANNELS[first.configuration],
        spans=((span.start, span.stop),),
    )


def begins_here(data: bytes, at: int) -> bool:
    """Whether an ADTS frame stands at `at`, followed by another one or by the end of the body."""
    header = _read_header(data, at)
    if header is None:
        return False
    follower = at + header.size
    return follower > len(data) - _HEADER or _read_header(data, follower) is not None or data[follower:][:3] == b"ID3"


def _read_header(data: bytes, at: int) -> Header | None:
    head = data[at : at + _HEADER]
    if len(head) < _HEADER or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return None
    rate_index = head[2] >> 2 & 15
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    if rate_index >= len(_RATES) or size < _HEADER + (0 if head[1] & 1 else _CRC):
        return None
    configuration = (head[2] & 1) << 2 | head[3] >> 6
    return Header(head[2] >> 6, _RATES[rate_index], configuration, size, (head[6] & 3) + 1)


def _headers(data: bytes, at: int, stop: int, remarks: Remarks) -> list[Header]:
    headers: list[Header] = []
    while at < stop:
        header = _read_header(data, at)
        if header is None:
            if tag := id3v2_size(data, at):
                remarks.note("an ID3v2 tag between frames, as segmented streams carry it")
                at += tag
                continue
            remarks.problem(
                f"no ADTS frame at byte {at} of {stop}, after {len(headers)} whole frames: "
                "bytes are missing, damaged or foreign"
            )
            break
        if at + header.size > stop:
            remarks.problem(f"the last frame is cut off: {stop - at} of {header.size} bytes at byte {at}")
            break
        headers.append(header)
        at += header.size
    return headers

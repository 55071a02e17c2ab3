"""Walks an mp3 body: tags, frames, the bit reservoir, and what an Info, Xing, LAME or VBRI header promises."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from conformance.audio.checksums import crc16_mirrored
from conformance.audio.mpeg_frames import Header, free_format_size, read_granules, read_header
from conformance.audio.remarks import Remarks, Structure
from conformance.audio.tags import audio_span, id3v2_size

if TYPE_CHECKING:
    from collections.abc import Sequence

_LAME_OFFSET = 120
"""From the word Xing to the encoder's name, once all four optional fields are there (LAME always writes them)."""
_LAME_SIZE = 36
_VBRI_OFFSET = 36
_FFMPEG_SUMS = 190


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame of the stream, in bytes from the start of the body. `promise` is set on an Info, Xing or VBRI frame."""

    at: int
    size: int
    header: Header
    promise: Promise | None

    @property
    def stop(self) -> int:
        """First byte behind the frame."""
        return self.at + self.size


@dataclass(frozen=True, slots=True)
class Promise:
    """What an encoder wrote about the stream that follows: how many frames and bytes, and a checksum of them.

    `music_crc` is None where the tag has none, or where a tool that rewrites frames in place has been over the file.
    """

    frames: int | None
    octets: int | None
    music_crc: int | None


def walk(data: bytes) -> Structure:
    """Walk all frames; every byte outside tags must belong to a frame, and no frame may need bytes that are missing."""
    remarks, span = Remarks(), audio_span(data)
    if span.problem:
        remarks.problem(span.problem)
    frames = _frames(data, span.start, span.stop, remarks)
    music = [frame for frame in frames if frame.promise is None]
    if not music:
        remarks.problem("there is no frame of audio in it")
        return Structure(remarks)
    _judge_kinds(music, remarks)
    _judge_reservoir(data, music, remarks)
    _judge_promises(data, frames, remarks)
    header = music[0].header
    free = any(not frame.header.bit_rate for frame in music)
    if free:
        remarks.note("free-format mp3: its structure was judged, but the decoder at hand does not read it")
    samples = sum(frame.header.samples for frame in music)
    return Structure(
        remarks,
        duration_s=samples / header.sample_rate,
        sample_rate=header.sample_rate,
        channels=header.channels,
        spans=_streams(frames),
        decodable=not free,
    )


def _streams(frames: Sequence[Frame]) -> tuple[tuple[int, int], ...]:
    """Byte ranges of the streams that follow one another, split at tags and where a new Info or Xing header stands."""
    starts = [frames[0].at]
    stops = []
    for before, frame in pairwise(frames):
        if frame.promise is not None or frame.at != before.stop:
            stops.append(before.stop)
            starts.append(frame.at)
    return tuple(zip(starts, [*stops, frames[-1].stop], strict=True))


def begins_here(data: bytes, at: int) -> bool:
    """Whether an mp3 frame stands at `at`, followed by another one or by the end of the body."""
    header = read_header(data, at)
    if header is None:
        return False
    if not header.bit_rate:
        return at + free_format_size(data, at, header, len(data)) + header.padding < len(data)
    follower = at + header.size
    return (
        follower >= len(data) - 3 or read_header(data, follower) is not None or data[follower:][:3] in (b"ID3", b"TAG")
    )


def _frames(data: bytes, at: int, stop: int, remarks: Remarks) -> list[Frame]:
    frames: list[Frame] = []
    free_size = 0
    while at < stop:
        header = read_header(data, at)
        if header is None:
            if tag := id3v2_size(data, at):
                remarks.note("an ID3v2 tag between frames: several mp3 streams one after another")
                at += tag
                continue
            remarks.problem(_lost_sync(at, stop, frames))
            break
        free_size = free_size or (0 if header.bit_rate else free_format_size(data, at, header, stop))
        size = header.size if header.bit_rate else free_size + header.padding
        if at + size > stop:
            remarks.problem(f"the last frame is cut off: {stop - at} of {size} bytes at byte {at}")
            break
        frames.append(Frame(at, size, header, _promise(data, at, size, header)))
        at += size
    return frames


def _lost_sync(at: int, stop: int, frames: Sequence[Frame]) -> str:
    return (
        f"no mp3 frame at byte {at} of {stop}, after {len(frames)} whole frames: bytes are missing, damaged or foreign"
    )


def _judge_kinds(music: Sequence[Frame], remarks: Remarks) -> None:
    kind = music[0].header.kind
    for number, frame in enumerate(music):
        if frame.header.kind != kind:
            remarks.problem(
                f"frame {number} at byte {frame.at} changes the MPEG version, sample rate or number of channels"
            )
            return


def _judge_reservoir(data: bytes, music: Sequence[Frame], remarks: Remarks) -> None:
    """Follow main data that begins in earlier frames: what it borrows must exist and not be in use already."""
    received, used_until = 0, 0
    for number, frame in enumerate(music):
        granules = read_granules(data, frame.at, frame.header)
        begin = received - granules.borrowed
        end = begin + (granules.bits + 7) // 8
        received += frame.size - frame.header.side_start - frame.header.side_size
        where = f"frame {number} at byte {frame.at}"
        if granules.nonsense:
            remarks.problem(f"{where} does not decode: {granules.nonsense}")
        elif begin < 0:
            remarks.problem(
                f"{where} continues {-begin} bytes that come before the body's beginning: its start is cut off"
            )
        elif begin < used_until or end > received:
            remarks.problem(f"{where} overlaps its neighbour's data: bytes are missing or damaged before it")
        used_until = max(end, 0)


def _promise(data: bytes, at: int, size: int, header: Header) -> Promise | None:
    frame = data[at : at + size]
    for offset in {4 + header.side_size, header.side_start + header.side_size}:
        if frame[offset : offset + 4] in (b"Xing", b"Info"):
            return _xing(frame, offset)
    if frame[_VBRI_OFFSET : _VBRI_OFFSET + 4] == b"VBRI" and len(frame) >= _VBRI_OFFSET + 18:
        octets, frames = frame[_VBRI_OFFSET + 10 :][:4], frame[_VBRI_OFFSET + 14 :][:4]
        return Promise(int.from_bytes(frames, "big"), int.from_bytes(octets, "big"), None)
    return None


def _xing(frame: bytes, offset: int) -> Promise:
    flags = int.from_bytes(frame[offset + 4 : offset + 8], "big")
    at = offset + 8
    frames = octets = None
    if flags & 1:
        frames = int.from_bytes(frame[at : at + 4], "big")
        at += 4
    if flags & 2:
        octets = int.from_bytes(frame[at : at + 4], "big")
    lame = frame[offset + _LAME_OFFSET :][:_LAME_SIZE] if flags & 15 == 15 else b""
    return Promise(frames, octets, _music_crc(frame, offset + _LAME_OFFSET, lame))


def _music_crc(frame: bytes, at: int, lame: bytes) -> int | None:
    """Checksum of the music from a LAME tag whose own checksum is right and whose gain nobody changed in place."""
    if len(lame) < _LAME_SIZE or lame[:4] not in (b"LAME", b"Lavf", b"Lavc") or lame[25]:
        return None
    stored_at = at + _LAME_SIZE - 2
    # LAME sums up what stands before its checksum; FFmpeg always 190 bytes, of short frames with the field still empty.
    head, rest = frame[:stored_at], frame[stored_at + 2 :]
    sums = {crc16_mirrored(head), crc16_mirrored((head + b"\0\0" + rest)[:_FFMPEG_SUMS])}
    if int.from_bytes(lame[34:36], "big") not in sums:
        return None
    return int.from_bytes(lame[32:34], "big") or None


def _judge_promises(data: bytes, frames: Sequence[Frame], remarks: Remarks) -> None:
    heads = [index for index, frame in enumerate(frames) if frame.promise is not None]
    if len(heads) > 1:
        remarks.note(f"{len(heads)} mp3 streams one after another")
    for head, following in pairwise([*heads, len(frames)]):
        _judge_promise(data, frames[head], frames[head + 1 : following], remarks)


def _judge_promise(data: bytes, head: Frame, music: Sequence[Frame], remarks: Remarks) -> None:
    promise = head.promise
    if promise is None:
        return
    octets = sum(frame.size for frame in music) + head.size
    missing = (promise.frames or 0) - len(music)
    short = promise.octets is None or octets < promise.octets
    # Some encoders count their own header frame, so one frame less is a cut only if the bytes say so too.
    if missing > 1 or (missing == 1 and short):
        remarks.problem(
            f"the header at byte {head.at} promises {promise.frames} frames, {len(music)} came: it is cut off"
        )
    elif missing < 0:
        remarks.note(f"{-missing} frames more than the header at byte {head.at} promises")
    elif promise.music_crc is not None and promise.octets == octets:
        played = b"".join(data[frame.at : frame.stop] for frame in music)
        if crc16_mirrored(played) != promise.music_crc:
            remarks.problem("the frames do not match the checksum in the LAME tag: bytes were changed on the way")

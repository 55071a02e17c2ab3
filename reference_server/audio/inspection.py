"""Looks at a recording that was refused, to say why: what it is, what is missing, where it ends.

Only containers and packets are read, nothing is decoded: it takes milliseconds, and a fault that only a decoder finds
stays unnamed.
"""

from __future__ import annotations

from typing import IO

import av
from av.error import FFmpegError

from reference_server.audio.duration import READING_OPTIONS, sum_of_packets
from reference_server.audio.formats import by_signature
from reference_server.audio.in_thread import in_thread
from reference_server.refusals import Reason
from reference_server.requests import Upload

SHORTEST_S = 0.1
_HEAD_BYTES = 64
_BOX_HEAD = 8
_MOST_BOXES = 1000


async def fault_of(upload: Upload) -> Reason | None:
    """What is wrong with a recording; None when nothing is seen from outside."""
    return await in_thread(_fault, upload.file, upload.size)


def head_of(upload: Upload) -> bytes:
    """The first bytes of a recording."""
    upload.file.seek(0)
    return upload.file.read(_HEAD_BYTES)


def _fault(file: IO[bytes], size: int) -> Reason | None:
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if head[4:8] == b"ftyp" and (fault := _fault_of_boxes(file, size)) is not None:
        return fault
    if _declares_more(head, size):
        return Reason.AUDIO_CUT_OFF
    file.seek(0)
    try:
        with av.open(file, "r", container_options=READING_OPTIONS) as container:
            if not container.streams.audio:
                return Reason.NO_AUDIO_TRACK
            return Reason.AUDIO_TOO_SHORT if sum_of_packets(container) < SHORTEST_S else None
    except (FFmpegError, ValueError, OverflowError):
        return Reason.AUDIO_DAMAGED if by_signature(head) else Reason.UNKNOWN_FORMAT


def _fault_of_boxes(file: IO[bytes], size: int) -> Reason | None:
    """The fault of an mp4 (m4a, mov): its boxes, each with its length in front, must hold an index and fit the file."""
    at = 0
    names: set[bytes] = set()
    while at + _BOX_HEAD <= size and len(names) < _MOST_BOXES:
        file.seek(at)
        head = file.read(_BOX_HEAD + 8)
        length, name = int.from_bytes(head[:4], "big"), head[4:8]
        if length == 1:  # the real length follows, in eight bytes
            length = int.from_bytes(head[8:16], "big")
        names.add(name)
        at += size - at if length == 0 else max(length, _BOX_HEAD)
    if b"moov" not in names:
        return Reason.NO_INDEX
    return Reason.AUDIO_CUT_OFF if at > size else None


def _declares_more(head: bytes, size: int) -> bool:
    """Whether a wav says that it is longer than it is. A streamed one has a placeholder: the largest number, or 0."""
    declared = int.from_bytes(head[4:8], "little")
    return head[:4] == b"RIFF" and head[8:12] == b"WAVE" and size < declared < 0x7FFFFFFF

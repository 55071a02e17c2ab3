"""How long a recording is, for limits in seconds or money.

Measured from its packets, which are read but not decoded: headers may lie, and a small file may decode to hours.
"""

from __future__ import annotations

import os
import wave
from collections import OrderedDict
from contextlib import suppress
from typing import IO

import av
from av.error import FFmpegError

from reference_server.audio.in_thread import in_thread
from reference_server.requests import Upload

# Only plain containers: a playlist would have FFmpeg open what it names.
READING_OPTIONS = {
    "format_whitelist": "mp3,ogg,aac,flac,wav,mov,matroska,aiff,caf,asf,amr,ac3,mpeg",
    "protocol_whitelist": "pipe",
}
# A day: more than any upload that fits the size limit and is worth measuring to its end.
_LONGEST_S = 86_400.0


class MeasuredDurations:
    """Remembers how long the latest small recordings are: to look a file up by its hash costs a tenth of measuring it."""

    def __init__(self, most_bytes: int = 512 * 1024, most_kept: int = 1024) -> None:
        self._most_bytes = most_bytes
        self._most_kept = most_kept
        self._seconds: OrderedDict[str, float] = OrderedDict()

    async def of(self, upload: Upload) -> float:
        """What `audio_seconds` says of the upload."""
        if upload.size > self._most_bytes:
            return await audio_seconds(upload)
        digest = upload.sha256()
        seconds = self._seconds.pop(digest, None)
        if seconds is None:
            seconds = await audio_seconds(upload)
        self._seconds[digest] = seconds
        while len(self._seconds) > self._most_kept:
            self._seconds.popitem(last=False)
        return seconds


async def audio_seconds(upload: Upload) -> float:
    """Seconds of audio in `upload`, at most a day; 0 for what is no audio (the provider refuses it)."""
    seconds = _seconds_of_wav(upload.file)
    return await in_thread(_measure, upload.file) if seconds is None else seconds


def _seconds_of_wav(file: IO[bytes]) -> float | None:
    """Seconds of a plain wav, as far as it goes whatever it declares, a hundred times faster than FFmpeg finds them.

    None for everything else, and where its length is left open, as a streamed one's is.
    """
    file.seek(0)
    with suppress(wave.Error, EOFError, ValueError, ZeroDivisionError), wave.open(file, "rb") as reader:
        start = file.tell()
        present = (file.seek(0, os.SEEK_END) - start) // (reader.getsampwidth() * reader.getnchannels())
        if frames := min(reader.getnframes(), present):
            return min(frames / float(reader.getframerate()), _LONGEST_S)
    return None


def _measure(file: IO[bytes]) -> float:
    file.seek(0)
    try:
        with av.open(file, "r", container_options=READING_OPTIONS) as container:
            return sum_of_packets(container)
    except (FFmpegError, ValueError, OverflowError):
        return 0.0


def sum_of_packets(container: av.container.InputContainer) -> float:
    """Seconds of the first audio track, at most a day."""
    seconds = 0.0
    for stream in container.streams.audio[:1]:
        for packet in container.demux(stream):
            if packet.duration and packet.time_base:
                seconds += float(packet.duration * packet.time_base)
            if seconds > _LONGEST_S:
                return _LONGEST_S
    return seconds

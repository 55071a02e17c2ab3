"""Subtitles in the two formats of the transcription API, SubRip and WebVTT, written as Whisper writes them."""

from __future__ import annotations

from collections.abc import Iterable

Cue = tuple[float, float, str]


def srt(cues: Iterable[Cue]) -> str:
    """Returns numbered cues; a cue is start and end in seconds and its text. No cues give an empty text."""
    lines = (
        f"{number}\n{_clock(start, ',')} --> {_clock(end, ',')}\n{_line(text)}\n\n"
        for number, (start, end, text) in enumerate(cues, 1)
    )
    return "".join(lines)


def vtt(cues: Iterable[Cue]) -> str:
    """Returns the cues under a `WEBVTT` line."""
    lines = (f"{_clock(start, '.')} --> {_clock(end, '.')}\n{_line(text)}\n\n" for start, end, text in cues)
    return "WEBVTT\n\n" + "".join(lines)


def _clock(seconds: float, mark: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}{mark}{milliseconds % 1000:03d}"


def _line(text: str) -> str:
    """Returns the text on one line and without an arrow: a blank line or an arrow would start a new cue."""
    return " ".join(text.split()).replace("-->", "->")

"""Documents as texts of transcripts: does srt look like SubRip and vtt like WebVTT?

Lenient on purpose: players differ, and so do writers. What is asked is the mark of each format and cues whose times run
forward; an empty document (no words) is as good as any.
"""

from __future__ import annotations

import re

from conformance.contracts import TranscriptShape
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.transcripts import text_of

_SRT_TIMES = re.compile(r"^(\d+):(\d\d):(\d\d),(\d{3}) --> (\d+):(\d\d):(\d\d),(\d{3})(?:\s.*)?$")
_VTT_TIMES = re.compile(r"^(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d+):)?(\d\d):(\d\d)\.(\d{3})(?:\s.*)?$")


def looks_like(exchange: Exchange, response_format: str, shape: TranscriptShape, *, because: str) -> Finding | None:
    """The text is a document of `srt`, `vtt` or `text`, which may be anything but the JSON it came in."""
    text = text_of(exchange, shape)
    problem = "no text" if text is None else _PROBLEMS[response_format](text)
    if problem is None:
        return None
    expected = f"a text that is a document in {response_format}"
    return Finding(f"{because}: not a {response_format} document", expected, f"{problem}: {text!r:.200}", (exchange,))


def _srt_problem(text: str) -> str | None:
    lines = _lines(text)
    if not any(lines):
        return None
    cues = [(number, match) for number, line in enumerate(lines) if (match := _SRT_TIMES.match(line))]
    if not cues:
        return "no line with times (00:00:00,000 --> 00:00:00,000)"
    if any(number == 0 or not lines[number - 1].strip().isdigit() for number, _ in cues):
        return "a cue without its number"
    return _order_problem([match for _, match in cues])


def _vtt_problem(text: str) -> str | None:
    lines = _lines(text)
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        return "it does not begin with WEBVTT"
    cues = [match for line in lines if (match := _VTT_TIMES.match(line))]
    if not cues and any("-->" in line for line in lines):
        return "a line with times that are none of WebVTT's (00:00.000 --> 00:00.000)"
    return _order_problem(cues)


def _text_problem(text: str) -> str | None:
    if text.startswith("WEBVTT") or any(_SRT_TIMES.match(line) for line in _lines(text)):
        return "subtitles"
    return "a JSON document as a string" if re.match(r'\s*\{\s*"text"\s*:', text) else None


_PROBLEMS = {"srt": _srt_problem, "vtt": _vtt_problem, "text": _text_problem}


def _lines(text: str) -> list[str]:
    return re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff"))


def _order_problem(cues: list[re.Match[str]]) -> str | None:
    before = 0
    for cue in cues:
        start, end = _milliseconds(cue.groups()[:4]), _milliseconds(cue.groups()[4:])
        if start > end or start < before:
            return f"times that run backwards ({cue.group()})"
        before = start
    return None


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest

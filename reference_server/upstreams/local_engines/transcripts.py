"""A transcript in the five response formats of OpenAI's API."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

# OpenAI's API names languages; Whisper gives codes. One that is not listed keeps its code.
_NAMES = {"en": "english", "de": "german", "es": "spanish", "fr": "french", "it": "italian"}


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognized: Whisper's segments and words as they are, times and `duration` in seconds."""

    language: str
    duration: float
    segments: tuple[Any, ...]
    words: tuple[Any, ...]

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments).strip()


def rendered(
    found: Recognition, task: str, response_format: str | None, granularities: Collection[str]
) -> dict[str, Any]:
    """The document; for `text`, `srt` and `vtt` an object with the text of it as `text`."""
    if response_format == "verbose_json":
        return _verbose(found, task, granularities or ("segment",))
    if response_format in _SUBTITLES:
        return {"text": _subtitles(found, response_format)}
    if response_format == "text":
        return {"text": f"{found.text}\n"}
    return {"text": found.text, "usage": _usage(found)}


def _usage(found: Recognition) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(found.duration)}


def _verbose(found: Recognition, task: str, granularities: Collection[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "task": task,
        "language": "english" if task == "translate" else _NAMES.get(found.language, found.language),
        "duration": round(found.duration, 2),
        "text": found.text,
    }
    if "segment" in granularities:
        document["segments"] = [_segment(number, each) for number, each in enumerate(found.segments)]
    if "word" in granularities:
        document["words"] = [
            {"word": each.word.strip(), "start": _hundredths(each.start), "end": _hundredths(each.end)}
            for each in found.words
        ]
    return {**document, "usage": _usage(found)}


def _segment(number: int, segment: Any) -> dict[str, Any]:
    return {
        "id": number,
        "seek": segment.seek,
        "start": _hundredths(segment.start),
        "end": _hundredths(segment.end),
        "text": segment.text,
        "tokens": list(segment.tokens),
        "temperature": segment.temperature or 0.0,
        "avg_logprob": segment.avg_logprob,
        "compression_ratio": segment.compression_ratio,
        "no_speech_prob": segment.no_speech_prob,
    }


def _hundredths(seconds: float) -> float:
    return round(float(seconds), 2)


# For each kind of subtitles: what stands before all, whether cues are numbered, and the mark before milliseconds.
_SUBTITLES = {"srt": ("", True, ","), "vtt": ("WEBVTT\n\n", False, ".")}


def _subtitles(found: Recognition, kind: str) -> str:
    start, numbered, mark = _SUBTITLES[kind]
    cues = []
    for number, each in enumerate(found.segments, 1):
        times = f"{_clock(each.start, mark)} --> {_clock(each.end, mark)}"
        line = " ".join(each.text.split()).replace("-->", "->")
        cues.append(f"{number}\n{times}\n{line}\n\n" if numbered else f"{times}\n{line}\n\n")
    return start + "".join(cues)


def _clock(seconds: float, mark: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{milliseconds // 1000:02d}{mark}{milliseconds % 1000:03d}"

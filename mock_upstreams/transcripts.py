"""Transcripts as the provider sends them: five response formats, with times for segments and words.

The shapes are those of OpenAI's API reference (transcription and translation objects); numbers that only a neural
network could give, such as token ids and log probabilities, are deterministic stand-ins of the right type and range.
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.recognition.utterances import Recognition, Source, Utterance
from mock_upstreams.subtitles import srt, vtt

Task = Literal["transcribe", "translate"]

_GRANULARITIES = ("segment", "word")
_WINDOW_SECONDS = 30  # Whisper listens to half a minute at a time; seek and time tokens count within it
_FIRST_TIME_TOKEN = 50_364
_WORD_TOKENS = 50_000

# Chinese and Japanese write no spaces: there every character counts as a word.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_PUNCTUATION = '.,!?;:"()[]«»“”、。\uff01\uff1f'


@dataclass(frozen=True, slots=True)
class Word:
    """One word without its punctuation; times in seconds."""

    word: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Segment:
    """One utterance with the ten fields of the API; times in seconds, `seek` in hundredths of a second."""

    id: int
    seek: int
    start: float
    end: float
    text: str
    tokens: tuple[int, ...]
    temperature: float
    avg_logprob: float
    compression_ratio: float
    no_speech_prob: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """A transcript or translation before it takes the shape of a response format.

    `language` is a name ("english"), `duration` is in seconds, the texts of `segments` join to `text`.
    `notes` are what the mock voice recorded of its request (model, voice, speed ...), empty for other sound.
    `source`: whether the words were recognized, configured, or invented because nothing could be recognized.
    """

    text: str
    language: str
    duration: float
    segments: tuple[Segment, ...]
    words: tuple[Word, ...]
    task: Task
    notes: Mapping[str, Any] = field(default_factory=dict)
    source: Source = "recognized"

    def render(self, response_format: str = "json", granularities: Collection[str] = ()) -> dict[str, Any] | str:
        """Returns the body of the response: a JSON object for `json` and `verbose_json`, else the text itself.

        `granularities` ("segment", "word") choose what `verbose_json` details; none means segments.

        Raises ProviderRefusal: 400; a format or granularity that the API does not know.
        """
        check_shape(response_format, granularities)
        return _RENDERERS[response_format](self, granularities or ("segment",))


def check_shape(response_format: str, granularities: Collection[str]) -> None:
    """Refuses what no transcript can be rendered as.

    Raises ProviderRefusal: 400; names the field and what it may be.
    """
    _check("response_format", response_format, tuple(_RENDERERS))
    for granularity in granularities:
        _check("timestamp_granularities", granularity, _GRANULARITIES)


def transcript_of(recognition: Recognition, *, task: Task, language: str, temperature: float) -> Transcript:
    """Returns the transcript of a recognized recording; `language` is a name, `temperature` is only echoed."""
    utterances = recognition.utterances
    return Transcript(
        text=recognition.text,
        language=language,
        duration=_hundredths(recognition.duration),
        segments=tuple(_segment(number, utterance, temperature) for number, utterance in enumerate(utterances)),
        words=tuple(word for utterance in utterances for word in _words(utterance)),
        task=task,
        notes=recognition.notes,
        source=recognition.source,
    )


def _check(param: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        listed = ", ".join(f"'{name}'" for name in allowed)
        message = f"Invalid value: '{given}'. Supported values are: {listed}."
        raise ProviderRefusal(message, param=param, code="invalid_value")


def _segment(number: int, utterance: Utterance, temperature: float) -> Segment:
    encoded = utterance.text.encode()
    return Segment(
        id=number,
        seek=_window(utterance.start) * 100,
        start=_hundredths(utterance.start),
        end=_hundredths(utterance.end),
        text=utterance.text,
        tokens=_tokens(utterance),
        temperature=temperature,
        avg_logprob=round(-0.12 - 0.02 * utterance.corrected, 4),
        compression_ratio=round(len(encoded) / len(zlib.compress(encoded)), 4),
        no_speech_prob=0.01 if utterance.clear else 0.6,
    )


def _tokens(utterance: Utterance) -> tuple[int, ...]:
    """Returns a time token, a stand-in for each word, and a time token."""
    window = _window(utterance.start)
    times = (utterance.start, utterance.end)
    first, last = (_FIRST_TIME_TOKEN + round(min(at - window, _WINDOW_SECONDS) * 50) for at in times)
    words = (zlib.crc32(match.group().encode()) % _WORD_TOKENS for match in _WORD.finditer(utterance.text))
    return (first, *words, last)


def _window(seconds: float) -> int:
    """Returns the second at which the half minute around `seconds` starts."""
    return int(seconds) // _WINDOW_SECONDS * _WINDOW_SECONDS


def _words(utterance: Utterance) -> list[Word]:
    """Returns the words of an utterance; its time is shared out by length in UTF-8, which is how it was synthesized."""
    pace = (utterance.end - utterance.words_start) / max(1, len(utterance.text.encode()))
    words, at, behind = [], utterance.words_start, 0
    for match in _WORD.finditer(utterance.text):
        start = at + pace * len(utterance.text[behind : match.start()].encode())
        at, behind = start + pace * len(match.group().encode()), match.end()
        bare = match.group().strip(_PUNCTUATION) or match.group()
        words.append(Word(bare, _hundredths(start), _hundredths(at)))
    return words


def _hundredths(seconds: float) -> float:
    return round(seconds, 2)


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(transcript.duration)}


def _json(transcript: Transcript, _granularities: Collection[str]) -> dict[str, Any]:
    if transcript.task == "translate":  # which has no usage
        return {"text": transcript.text}
    return {"text": transcript.text, "usage": _usage(transcript)}


def _verbose_json(transcript: Transcript, granularities: Collection[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "task": transcript.task,
        "language": transcript.language,
        "duration": transcript.duration,
        "text": transcript.text,
    }
    if transcript.task == "translate":  # which has neither words nor usage
        return document | {"segments": _segments(transcript)}
    if "word" in granularities:
        document["words"] = [asdict(word) for word in transcript.words]
    if "segment" in granularities:
        document["segments"] = _segments(transcript)
    return document | {"usage": _usage(transcript)}


def _segments(transcript: Transcript) -> list[dict[str, Any]]:
    return [asdict(segment) | {"tokens": list(segment.tokens)} for segment in transcript.segments]


def _cues(transcript: Transcript) -> list[tuple[float, float, str]]:
    return [(segment.start, segment.end, segment.text) for segment in transcript.segments]


_RENDERERS: Mapping[str, Callable[[Transcript, Collection[str]], dict[str, Any] | str]] = MappingProxyType(
    {
        "json": _json,
        "text": lambda transcript, _: transcript.text,
        "srt": lambda transcript, _: srt(_cues(transcript)),
        "verbose_json": _verbose_json,
        "vtt": lambda transcript, _: vtt(_cues(transcript)),
    }
)

TRANSCRIPT_FORMATS = tuple(_RENDERERS)
"""The response formats of transcriptions and translations."""

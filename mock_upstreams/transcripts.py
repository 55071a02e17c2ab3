"""Transcripts as the provider sends them: five response formats, with times for segments and words.

The shapes are those of OpenAI's API reference (transcription and translation objects); numbers that only a neural
network could give, such as token ids and log probabilities, are deterministic stand-ins of the right type and range.
"""

from __future__ import annotations

import math
import re
import zlib
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from mock_upstreams.errors import MockProviderError
from mock_upstreams.subtitles import srt, vtt

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mock_upstreams.hearing import Hearing, Utterance

__all__ = ["TRANSCRIPT_FORMATS", "Segment", "Transcript", "Word", "check_shape", "transcript_of"]

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
    """One utterance with the ten fields of the API; times in seconds, ``seek`` in hundredths of a second."""

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

    ``language`` is a name ("english"), ``duration`` is in seconds, the texts of ``segments`` join to ``text``.
    ``notes`` are what the mock voice recorded about its order (model, voice, speed ...), empty for other sound.
    """

    text: str
    language: str
    duration: float
    segments: tuple[Segment, ...]
    words: tuple[Word, ...]
    task: Task
    notes: Mapping[str, Any] = field(default_factory=dict)

    def render(self, response_format: str = "json", granularities: Collection[str] = ()) -> dict[str, Any] | str:
        """Return the provider's answer: a JSON object for ``json`` and ``verbose_json``, else the text itself.

        ``granularities`` ("segment", "word") choose what ``verbose_json`` details; none means segments.

        :raises MockProviderError: 400; a format or granularity that the API does not know.
        """
        check_shape(response_format, granularities)
        return _RENDERERS[response_format](self, granularities or ("segment",))


def check_shape(response_format: str, granularities: Collection[str]) -> None:
    """Refuse what no transcript can be rendered as.

    :raises MockProviderError: 400; names the field and what it may be.
    """
    _check("response_format", response_format, tuple(_RENDERERS))
    for granularity in granularities:
        _check("timestamp_granularities", granularity, _GRANULARITIES)


def transcript_of(hearing: Hearing, *, task: Task, language: str, temperature: float) -> Transcript:
    """Return the transcript of a recording that was heard; ``language`` is a name, ``temperature`` is only echoed."""
    utterances = hearing.utterances
    return Transcript(
        text=hearing.text,
        language=language,
        duration=_hundredths(hearing.duration),
        segments=tuple(_segment(number, said, temperature) for number, said in enumerate(utterances)),
        words=tuple(word for said in utterances for word in _words(said)),
        task=task,
        notes=hearing.notes,
    )


def _check(param: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        listed = ", ".join(f"'{name}'" for name in allowed)
        message = f"Invalid value: '{given}'. Supported values are: {listed}."
        raise MockProviderError(message, param=param, code="invalid_value")


def _segment(number: int, said: Utterance, temperature: float) -> Segment:
    encoded = said.text.encode()
    return Segment(
        id=number,
        seek=_window(said.start) * 100,
        start=_hundredths(said.start),
        end=_hundredths(said.end),
        text=said.text,
        tokens=_tokens(said),
        temperature=temperature,
        avg_logprob=round(-0.12 - 0.02 * said.mended, 4),
        compression_ratio=round(len(encoded) / len(zlib.compress(encoded)), 4),
        no_speech_prob=0.01 if said.clear else 0.6,
    )


def _tokens(said: Utterance) -> tuple[int, ...]:
    """Return a time token, a stand-in for each word, and a time token."""
    window = _window(said.start)
    first, last = (_FIRST_TIME_TOKEN + round(min(at - window, _WINDOW_SECONDS) * 50) for at in (said.start, said.end))
    words = (zlib.crc32(match.group().encode()) % _WORD_TOKENS for match in _WORD.finditer(said.text))
    return (first, *words, last)


def _window(seconds: float) -> int:
    """Return the second at which the half minute around ``seconds`` starts."""
    return int(seconds) // _WINDOW_SECONDS * _WINDOW_SECONDS


def _words(said: Utterance) -> list[Word]:
    """Return the words of an utterance; its time is shared out by length in UTF-8, which is how it was spoken."""
    pace = (said.end - said.words_start) / max(1, len(said.text.encode()))
    words, at, behind = [], said.words_start, 0
    for match in _WORD.finditer(said.text):
        start = at + pace * len(said.text[behind : match.start()].encode())
        at, behind = start + pace * len(match.group().encode()), match.end()
        bare = match.group().strip(_PUNCTUATION) or match.group()
        words.append(Word(bare, _hundredths(start), _hundredths(at)))
    return words


def _hundredths(seconds: float) -> float:
    return round(seconds, 2)


def _usage(transcript: Transcript) -> dict[str, Any]:
    return {"type": "duration", "seconds": math.ceil(transcript.duration)}


def _json(transcript: Transcript, _granularities: Collection[str]) -> dict[str, Any]:
    if transcript.task == "translate":  # whose answer knows no usage
        return {"text": transcript.text}
    return {"text": transcript.text, "usage": _usage(transcript)}


def _verbose_json(transcript: Transcript, granularities: Collection[str]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "task": transcript.task,
        "language": transcript.language,
        "duration": transcript.duration,
        "text": transcript.text,
    }
    if transcript.task == "translate":  # whose answer has neither words nor usage
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

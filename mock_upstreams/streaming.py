"""Server-sent events of the audio API: speech in pieces, a transcript word by word."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from mock_upstreams.answers import Answer
from mock_upstreams.tokens import WORD, logprobs, speech_usage, transcript_usage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mock_upstreams.provider import SpeechOrder, SpokenAudio
    from mock_upstreams.transcripts import Transcript

__all__ = ["spoken_events", "transcript_events"]

_PIECE = 4096  # bytes of audio per event


def spoken_events(order: SpeechOrder, audio: SpokenAudio) -> Answer:
    """Return the audio as ``speech.audio.delta`` events and one ``speech.audio.done``."""
    return _stream(_speech(order, audio))


def transcript_events(
    transcript: Transcript, segments: Iterable[dict[str, Any]] = (), *, with_logprobs: bool = False
) -> Answer:
    """Return a transcript as ``transcript.text.delta`` events and one ``transcript.text.done``.

    ``segments`` (of a diarized transcript) are sent between the two, as ``transcript.text.segment``.
    """
    return _stream(_transcript(transcript, segments, logprobs if with_logprobs else None))


def _stream(events: Iterable[dict[str, Any]]) -> Answer:
    pieces = tuple(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode() for event in events)
    headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
    return Answer(200, headers, pieces, chunked=True)


def _speech(order: SpeechOrder, audio: SpokenAudio) -> Iterator[dict[str, Any]]:
    for start in range(0, len(audio.data), _PIECE):
        piece = base64.b64encode(audio.data[start : start + _PIECE]).decode()
        yield {"type": "speech.audio.delta", "audio": piece}
    yield {"type": "speech.audio.done", "usage": speech_usage(order)}


def _transcript(
    transcript: Transcript, segments: Iterable[dict[str, Any]], details: Callable[[str], Any] | None
) -> Iterator[dict[str, Any]]:
    def detailed(event: dict[str, Any], text: str) -> dict[str, Any]:
        return event | {"logprobs": details(text)} if details else event

    for match in WORD.finditer(transcript.text):
        yield detailed({"type": "transcript.text.delta", "delta": match.group()}, match.group())
    yield from segments
    done = {"type": "transcript.text.done", "text": transcript.text, "usage": transcript_usage(transcript)}
    yield detailed(done, transcript.text)

"""Server-sent events of the audio API: speech in pieces, a transcript word by word."""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Any

from mock_upstreams.answers import Answer
from mock_upstreams.tokens import speech_usage, transcript_usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mock_upstreams.provider import SpeechOrder, SpokenAudio
    from mock_upstreams.transcripts import Transcript

__all__ = ["spoken_events", "transcript_events"]

_PIECE = 4096  # bytes of audio per event
_WORD = re.compile(r"\s*\S+\s*?(?=\s|$)|\s+$")


def spoken_events(order: SpeechOrder, audio: SpokenAudio) -> Answer:
    """Return the audio as ``speech.audio.delta`` events and one ``speech.audio.done``."""
    return _stream(_speech(order, audio))


def transcript_events(transcript: Transcript, segments: Iterable[dict[str, Any]] = ()) -> Answer:
    """Return a transcript as ``transcript.text.delta`` events and one ``transcript.text.done``.

    ``segments`` (of a diarized transcript) are sent between the two, as ``transcript.text.segment``.
    """
    return _stream(_transcript(transcript, segments))


def _stream(events: Iterable[dict[str, Any]]) -> Answer:
    pieces = tuple(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode() for event in events)
    headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
    return Answer(200, headers, pieces, chunked=True)


def _speech(order: SpeechOrder, audio: SpokenAudio) -> Iterator[dict[str, Any]]:
    for start in range(0, len(audio.data), _PIECE):
        piece = base64.b64encode(audio.data[start : start + _PIECE]).decode()
        yield {"type": "speech.audio.delta", "audio": piece}
    yield {"type": "speech.audio.done", "usage": speech_usage(order)}


def _transcript(transcript: Transcript, segments: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for match in _WORD.finditer(transcript.text):
        yield {"type": "transcript.text.delta", "delta": match.group()}
    yield from segments
    yield {"type": "transcript.text.done", "text": transcript.text, "usage": transcript_usage(transcript)}

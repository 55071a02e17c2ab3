"""Server-sent events of the audio API: speech in pieces, a transcript word by word."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mock_upstreams.endpoints.usage import WORD, logprobs, speech_usage, transcript_usage
from mock_upstreams.provider import SpeechRequest, SynthesizedAudio
from mock_upstreams.responses import Response
from mock_upstreams.transcripts import Transcript

_PIECE = 4096  # bytes of audio per event


def speech_events(request: SpeechRequest, audio: SynthesizedAudio) -> Response:
    """Returns the audio as `speech.audio.delta` events and one `speech.audio.done`."""
    return _stream(_speech(request, audio))


def transcript_events(
    transcript: Transcript,
    segments: Iterable[dict[str, Any]] = (),
    *,
    with_logprobs: bool = False,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> Response:
    """Returns a transcript as `transcript.text.delta` events and one `transcript.text.done`, which has `more` members.

    `segments` (of a diarized transcript) are sent between the two, as `transcript.text.segment`.
    """
    return _stream(_transcript(transcript, segments, logprobs if with_logprobs else None, more))


def _stream(events: Iterable[dict[str, Any]]) -> Response:
    pieces = tuple(f"data: {json.dumps(event, ensure_ascii=False)}\n\n".encode() for event in events)
    headers = (("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"))
    return Response(200, headers, pieces, chunked=True)


def _speech(request: SpeechRequest, audio: SynthesizedAudio) -> Iterator[dict[str, Any]]:
    for start in range(0, len(audio.data), _PIECE):
        piece = base64.b64encode(audio.data[start : start + _PIECE]).decode()
        yield {"type": "speech.audio.delta", "audio": piece}
    yield {"type": "speech.audio.done", "usage": speech_usage(request)}


def _transcript(
    transcript: Transcript,
    segments: Iterable[dict[str, Any]],
    details: Callable[[str], Any] | None,
    more: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    def detailed(event: dict[str, Any], text: str) -> dict[str, Any]:
        return event | {"logprobs": details(text)} if details else event

    for match in WORD.finditer(transcript.text):
        yield detailed({"type": "transcript.text.delta", "delta": match.group()}, match.group())
    yield from segments
    done = {"type": "transcript.text.done", "text": transcript.text, **more, "usage": transcript_usage(transcript)}
    yield detailed(done, transcript.text)

"""The unscripted responses: what the mock provider makes of a request, in the shape of its endpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from mock_upstreams.abandonment import Checkpoint
from mock_upstreams.endpoints.events import speech_events, transcript_events
from mock_upstreams.endpoints.parameters import speech_request, text, transcription_request
from mock_upstreams.endpoints.usage import logprobs, transcript_usage
from mock_upstreams.provider import SpeechRequest, SynthesizedAudio, TranscriptionRequest
from mock_upstreams.recognition.languages import LANGUAGES
from mock_upstreams.requests import ReceivedRequest
from mock_upstreams.responses import Response
from mock_upstreams.transcripts import Transcript

_DIARIZED = "diarized_json"
_INCLUDE = ("include[]", "include")
_PAID_BY_TIME = "whisper"
_TELLS_LANGUAGES = "gpt-transcribe"
_SOURCE_HEADER = "x-mock-transcript"  # whether the words were recognized, configured or invented


class Provider(Protocol):
    """Synthesizes, transcribes and translates. CPU work; may be called from any thread."""

    def synthesize(self, request: SpeechRequest, checkpoint: Checkpoint) -> SynthesizedAudio:
        """Returns the input as speech."""

    def transcribe(self, request: TranscriptionRequest, checkpoint: Checkpoint) -> Transcript:
        """Returns the transcript of an upload."""

    def translate(self, request: TranscriptionRequest, checkpoint: Checkpoint) -> Transcript:
        """Returns the transcript of an upload, in English."""


def unscripted_response(provider: Provider, request: ReceivedRequest, model: str, checkpoint: Checkpoint) -> Response:
    """Returns the provider's response to a request for `model`. CPU work. Raises ProviderRefusal, Abandoned."""
    return _OPERATIONS[request.address.operation or "speech"](provider, request, model, checkpoint)


def _speech(provider: Provider, request: ReceivedRequest, model: str, checkpoint: Checkpoint) -> Response:
    speech = speech_request(request, model)
    audio = provider.synthesize(speech, checkpoint)
    if text(request, "stream_format") == "sse":
        return speech_events(speech, audio)
    return Response.of(audio.media_type, audio.data, sha256=audio.sha256)


def _transcription(provider: Provider, request: ReceivedRequest, model: str, checkpoint: Checkpoint) -> Response:
    wanted = transcription_request(request, model)
    diarizes = wanted.response_format == _DIARIZED
    if diarizes:  # a shape of the API that the provider knows nothing about
        wanted = replace(wanted, response_format="json")
    transcript = provider.transcribe(wanted, checkpoint)
    segments = _diarized_segments(transcript) if diarizes else []
    by_tokens = not model.startswith(_PAID_BY_TIME)  # the newer models, which also stream and tell log probabilities
    details = by_tokens and "logprobs" in request.all(*_INCLUDE)
    languages = _languages(transcript) if model.startswith(_TELLS_LANGUAGES) else {}
    if by_tokens and _is_true(request.get("stream")):
        response = transcript_events(transcript, segments, with_logprobs=details, more=languages)
    elif diarizes:
        response = Response.of_json(_diarized(transcript, segments))
    else:
        response = _rendered(
            transcript, wanted, languages | ({"logprobs": logprobs(transcript.text)} if details else {})
        )
    return response.with_header(_SOURCE_HEADER, transcript.source)


def _translation(provider: Provider, request: ReceivedRequest, model: str, checkpoint: Checkpoint) -> Response:
    wanted = transcription_request(request, model)
    transcript = provider.translate(wanted, checkpoint)
    return _rendered(transcript, wanted, {}).with_header(_SOURCE_HEADER, transcript.source)


_OPERATIONS: dict[str, Callable[[Provider, ReceivedRequest, str, Checkpoint], Response]] = {
    "speech": _speech,
    "transcription": _transcription,
    "translation": _translation,
}


def _rendered(transcript: Transcript, request: TranscriptionRequest, details: dict[str, Any]) -> Response:
    document = transcript.render(request.response_format, request.timestamp_granularities)
    if isinstance(document, str):
        return Response.of("text/plain; charset=utf-8", document.encode())
    if "usage" in document and not request.model.startswith(_PAID_BY_TIME):
        document["usage"] = transcript_usage(transcript)
    return Response.of_json(document | details)


def _diarized_segments(transcript: Transcript) -> list[dict[str, Any]]:
    """Returns the segments of a diarized transcript; the mock tells one speaker only."""
    return [
        {
            "type": "transcript.text.segment",
            "id": f"seg_{segment.id:03d}",
            "start": segment.start,
            "end": segment.end,
            "text": segment.text,
            "speaker": "A",
        }
        for segment in transcript.segments
    ]


def _diarized(transcript: Transcript, segments: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "task": "transcribe",
        "duration": transcript.duration,
        "text": transcript.text,
        "segments": segments,
        "usage": transcript_usage(transcript),
    }


def _languages(transcript: Transcript) -> dict[str, Any]:
    """Returns the member by which the newest model says what it heard."""
    return {"languages": [{"code": code} for code, name in LANGUAGES.items() if name == transcript.language]}


def _is_true(value: Any) -> bool:
    return str(value).lower() in {"true", "1"}

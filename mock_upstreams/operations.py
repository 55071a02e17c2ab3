"""The ordinary answers: what the pretend provider says to a call that no script concerns."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from mock_upstreams.answers import Answer
from mock_upstreams.orders import hearing_order, speech_order, text
from mock_upstreams.streaming import spoken_events, transcript_events
from mock_upstreams.tokens import logprobs, transcript_usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_upstreams.arrivals import Arrival
    from mock_upstreams.provider import HearingOrder, SpeechOrder, SpokenAudio
    from mock_upstreams.transcripts import Transcript

__all__ = ["Provider", "answer"]

_DIARIZED = "diarized_json"
_INCLUDE = ("include[]", "include")
_PAID_BY_TIME = "whisper"


class Provider(Protocol):
    """What speaks and hears. Its methods are CPU work and may be called from any thread."""

    def synthesize(self, order: SpeechOrder) -> SpokenAudio:
        """Return the spoken input."""

    def transcribe(self, order: HearingOrder) -> Transcript:
        """Return what is said."""

    def translate(self, order: HearingOrder) -> Transcript:
        """Return what is said, in English."""


def answer(provider: Provider, arrival: Arrival, model: str) -> Answer:
    """Return the provider's answer to a call, made by ``model``. CPU work. Raises MockProviderError."""
    return _OPERATIONS[arrival.address.operation or "speech"](provider, arrival, model)


def _speech(provider: Provider, arrival: Arrival, model: str) -> Answer:
    order = speech_order(arrival, model)
    audio = provider.synthesize(order)
    if text(arrival, "stream_format") == "sse":
        return spoken_events(order, audio)
    return Answer.of(audio.media_type, audio.data)


def _transcription(provider: Provider, arrival: Arrival, model: str) -> Answer:
    order = hearing_order(arrival, model)
    diarizes = order.response_format == _DIARIZED
    if diarizes:  # a shape of the API that the provider knows nothing about
        order = replace(order, response_format="json")
    transcript = provider.transcribe(order)
    segments = _spoken_by(transcript) if diarizes else []
    by_tokens = not model.startswith(_PAID_BY_TIME)  # the newer models, which also stream and tell log probabilities
    details = by_tokens and "logprobs" in arrival.all(*_INCLUDE)
    if by_tokens and _is_true(arrival.get("stream")):
        return transcript_events(transcript, segments, with_logprobs=details)
    if diarizes:
        return Answer.of_json(_diarized(transcript, segments))
    return _rendered(transcript, order, {"logprobs": logprobs(transcript.text)} if details else {})


def _translation(provider: Provider, arrival: Arrival, model: str) -> Answer:
    order = hearing_order(arrival, model)
    return _rendered(provider.translate(order), order, {})


_OPERATIONS: dict[str, Callable[[Provider, Arrival, str], Answer]] = {
    "speech": _speech,
    "transcription": _transcription,
    "translation": _translation,
}


def _rendered(transcript: Transcript, order: HearingOrder, details: dict[str, Any]) -> Answer:
    document = transcript.render(order.response_format, order.timestamp_granularities)
    if isinstance(document, str):
        return Answer.of("text/plain; charset=utf-8", document.encode())
    if "usage" in document and not order.model.startswith(_PAID_BY_TIME):
        document["usage"] = transcript_usage(transcript)
    return Answer.of_json(document | details)


def _spoken_by(transcript: Transcript) -> list[dict[str, Any]]:
    """Return the segments of a diarized transcript; the mock hears one speaker only."""
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


def _is_true(value: Any) -> bool:
    return str(value).lower() in {"true", "1"}

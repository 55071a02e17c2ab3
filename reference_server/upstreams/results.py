"""Checks a provider's result before any of it reaches the client: a 200 promises a whole, usable one.

Contract: Speech, Response; rulings, Statuses (provider failures) and Answers.
"""

from __future__ import annotations

from reference_server.audio.formats import BY_MEDIA_TYPE, OGG, OPUS, PCM, AudioFormat, by_signature, is_strong
from reference_server.decoding.header_values import parse
from reference_server.upstreams.protocol import ProviderFailed, SpeechResponse, TranscriptResponse


def checked_audio(response: SpeechResponse) -> SpeechResponse:
    """The audio, with the media type that its bytes deserve.

    Raises ProviderFailed for no audio, or for a label that the bytes contradict.
    """
    if not response.data:
        raise ProviderFailed("an empty body instead of audio")
    labelled = BY_MEDIA_TYPE.get(parse(response.media_type)[0])
    if labelled is None:
        raise ProviderFailed(f"a body of type {response.media_type[:80]!r} instead of audio")
    proven = by_signature(response.data[:64])
    if not _agree(labelled, OPUS if proven == OGG else proven):
        found = proven.name if proven else "unknown"
        raise ProviderFailed(f"{found} bytes labelled {response.media_type[:80]!r}")
    return SpeechResponse(response.data, labelled.media_type)


def _agree(labelled: AudioFormat, proven: AudioFormat | None) -> bool:
    if labelled == PCM:  # raw samples prove nothing, and may by chance begin like a bare stream
        return proven is None or not is_strong(proven)
    return labelled == proven


def checked_transcript(response: TranscriptResponse) -> TranscriptResponse:
    """The transcript. Raises ProviderFailed when its `text` is no string; an empty one is a result."""
    if not isinstance(response.document.get("text"), str):
        raise ProviderFailed("a transcript without a text")
    return response

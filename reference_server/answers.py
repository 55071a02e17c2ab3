"""Judges what a provider answered before any of it reaches the client: a 200 promises a whole, usable answer.

Contract: Speech, Response; rulings, Statuses (provider faults) and Answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference_server.audio_kinds import BY_MEDIA_TYPE, OGG, OPUS, PCM, by_signature, is_strong
from reference_server.header_values import parse
from reference_server.upstreams.protocol import UpstreamFailed

if TYPE_CHECKING:
    from reference_server.audio_kinds import AudioKind
    from reference_server.upstreams.protocol import SpeechAnswer, TranscriptAnswer


def audio_media_type(answer: SpeechAnswer) -> str:
    """The media type by which to label the audio. Raises UpstreamFailed for no audio, or a label that it contradicts."""
    if not answer.data:
        raise UpstreamFailed("an empty body instead of audio")
    labelled = BY_MEDIA_TYPE.get(parse(answer.media_type)[0])
    if labelled is None:
        raise UpstreamFailed(f"a body of type {answer.media_type[:80]!r} instead of audio")
    proven = by_signature(answer.data[:64])
    if not _agree(labelled, OPUS if proven == OGG else proven):
        raise UpstreamFailed(f"{proven.name if proven else 'unknown'} bytes labelled {answer.media_type[:80]!r}")
    return labelled.media_type


def _agree(labelled: AudioKind, proven: AudioKind | None) -> bool:
    if labelled == PCM:  # raw samples prove nothing, and may by chance begin like a bare stream
        return proven is None or not is_strong(proven)
    return labelled == proven


def transcript_document(answer: TranscriptAnswer) -> dict[str, Any]:
    """The provider's transcript. Raises UpstreamFailed when it holds no text."""
    if not isinstance(answer.document.get("text"), str):
        raise UpstreamFailed("a transcript without a text")
    return answer.document

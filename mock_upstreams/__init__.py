"""Pretend speech providers: real audio, scripted faults, a record of what arrived."""

from mock_upstreams.codecs import FORMATS
from mock_upstreams.errors import MockError, MockProviderError
from mock_upstreams.provider import HearingOrder, MockProvider, SpeechOrder, SpokenAudio
from mock_upstreams.transcripts import TRANSCRIPT_FORMATS, Segment, Transcript, Word

__all__ = [
    "FORMATS",
    "TRANSCRIPT_FORMATS",
    "HearingOrder",
    "MockError",
    "MockProvider",
    "MockProviderError",
    "Segment",
    "SpeechOrder",
    "SpokenAudio",
    "Transcript",
    "Word",
]

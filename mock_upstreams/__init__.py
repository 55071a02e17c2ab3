"""Mock speech providers: real audio, scripted faults, and a journal of the calls that were received."""

from mock_upstreams.codecs import FORMATS
from mock_upstreams.errors import MockError, ProviderRefusal
from mock_upstreams.provider import MockProvider, SpeechRequest, SynthesizedAudio, TranscriptionRequest
from mock_upstreams.transcripts import TRANSCRIPT_FORMATS, Segment, Transcript, Word

__all__ = [
    "FORMATS",
    "TRANSCRIPT_FORMATS",
    "MockError",
    "MockProvider",
    "ProviderRefusal",
    "Segment",
    "SpeechRequest",
    "SynthesizedAudio",
    "Transcript",
    "TranscriptionRequest",
    "Word",
]

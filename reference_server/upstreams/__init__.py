"""Adapters to providers, found by name: ours, and any that another distribution installs."""

from reference_server.refusals import Reason
from reference_server.upstreams.protocol import (
    MOCK_TRANSCRIPT,
    Adapter,
    Build,
    Controlled,
    ProviderFailed,
    ProviderRefused,
    SpeechResponse,
    TranscriptResponse,
)
from reference_server.upstreams.registry import builders, load

__all__ = [
    "MOCK_TRANSCRIPT",
    "Adapter",
    "Build",
    "Controlled",
    "ProviderFailed",
    "ProviderRefused",
    "Reason",
    "SpeechResponse",
    "TranscriptResponse",
    "builders",
    "load",
]

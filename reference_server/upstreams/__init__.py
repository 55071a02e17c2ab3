"""Adapters to providers, found by name: ours, and any that another distribution installs."""

from reference_server.refusals import Reason
from reference_server.upstreams.protocol import (
    Adapter,
    Build,
    ProviderFailed,
    ProviderRefused,
    SpeechResponse,
    TranscriptResponse,
)
from reference_server.upstreams.registry import builders, load

__all__ = [
    "Adapter",
    "Build",
    "ProviderFailed",
    "ProviderRefused",
    "Reason",
    "SpeechResponse",
    "TranscriptResponse",
    "builders",
    "load",
]

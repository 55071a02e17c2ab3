"""Adapters to providers, found by name: ours, and any that another distribution installs."""

from reference_server.upstreams.adapters import builders, load
from reference_server.upstreams.protocol import (
    Build,
    SpeechAnswer,
    TranscriptAnswer,
    Upstream,
    UpstreamFailed,
    UpstreamRefused,
)

__all__ = [
    "Build",
    "SpeechAnswer",
    "TranscriptAnswer",
    "Upstream",
    "UpstreamFailed",
    "UpstreamRefused",
    "builders",
    "load",
]

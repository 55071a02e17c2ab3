"""The target: what is declared of the gateway under test, as values and as a file."""

from conformance.target.model import (
    DEFAULT_TIMEOUT_S,
    FORMATS,
    TRANSCRIPT_FORMATS,
    Budget,
    Lifecycle,
    Models,
    PerRequest,
    RateLimit,
    Target,
    Tls,
)
from conformance.target.reading import load, parse, schema

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "FORMATS",
    "TRANSCRIPT_FORMATS",
    "Budget",
    "Lifecycle",
    "Models",
    "PerRequest",
    "RateLimit",
    "Target",
    "Tls",
    "load",
    "parse",
    "schema",
]

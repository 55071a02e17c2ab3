"""What the suite is told of the gateway under test: the values, and how the target file is read."""

from conformance.target.model import (
    DEFAULT_TIMEOUT_S,
    FORMATS,
    TRANSCRIPT_FORMATS,
    Lifecycle,
    Models,
    PerRequest,
    RateLimit,
    Target,
)
from conformance.target.reading import load, parse, schema

__all__ = [
    "DEFAULT_TIMEOUT_S",
    "FORMATS",
    "TRANSCRIPT_FORMATS",
    "Lifecycle",
    "Models",
    "PerRequest",
    "RateLimit",
    "Target",
    "load",
    "parse",
    "schema",
]

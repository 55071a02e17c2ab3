"""Which media type may name which format (contract: Speech, Response; rulings: Content-Type of speech)."""

from __future__ import annotations

_NAMES: dict[str, tuple[str, ...]] = {
    "mp3": ("audio/mpeg", "audio/mp3"),
    "opus": ("audio/ogg", "audio/opus"),
    "aac": ("audio/aac",),
    "flac": ("audio/flac", "audio/x-flac"),
    "wav": ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"),
    "pcm": ("audio/pcm", "audio/l16"),
}
_FORMAT_OF = {name: format_name for format_name, names in _NAMES.items() for name in names}

FORMATS: tuple[str, ...] = tuple(_NAMES)
"""The six values of `response_format`, in the contract's order."""


def media_types(format: str) -> tuple[str, ...]:  # noqa: A002 - the contract's own word
    """Media types that may label `format`, lower case. Raises ValueError for a format the contract does not know."""
    try:
        return _NAMES[format]
    except KeyError:
        raise ValueError(f"no such speech format: {format!r}; the contract knows {', '.join(FORMATS)}") from None


def format_of_media_type(content_type: str) -> str | None:
    """Format that a Content-Type names, whatever its letter case and parameters; None if it names none of the six."""
    return _FORMAT_OF.get(content_type.partition(";")[0].strip().lower())

"""Why a request was refused, in the gateway's own words: a closed list, so that no provider's text reaches a client."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Reason(StrEnum):
    """A reason for which a provider, an engine or the gateway refuses a request. The value is the error's `code`."""

    AUDIO_TOO_SHORT = "audio_too_short"
    AUDIO_TOO_LONG = "audio_too_long"
    AUDIO_TOO_LARGE = "audio_too_large"
    NO_AUDIO_TRACK = "no_audio_track"
    NO_INDEX = "audio_without_index"
    AUDIO_CUT_OFF = "audio_cut_off"
    AUDIO_DAMAGED = "audio_damaged"
    UNKNOWN_FORMAT = "unknown_audio_format"
    UNKNOWN_LANGUAGE = "unknown_language"
    INPUT_TOO_LONG = "input_too_long"
    INPUT_UNSPEAKABLE = "input_unspeakable"
    UNKNOWN_VOICE = "unknown_voice"
    UNSUPPORTED_RESPONSE_FORMAT = "unsupported_response_format"
    UNSUPPORTED_GRANULARITIES = "unsupported_timestamp_granularities"
    OUT_OF_RANGE = "out_of_range"
    UNKNOWN_MODEL = "provider_model_not_found"
    CONTENT_POLICY = "content_policy"


_FILE = "file"
_SUPPORTED = "Send flac, m4a, mp3, mp4, ogg, wav or webm."

# The field at fault (None: as the provider names it) and what is wrong with it.
_WORDS: Mapping[Reason, tuple[str | None, str]] = MappingProxyType(
    {
        Reason.AUDIO_TOO_SHORT: (_FILE, "is too short: send at least 0.1 seconds of audio."),
        Reason.AUDIO_TOO_LONG: (_FILE, "is too long for this model: cut the recording into parts."),
        Reason.AUDIO_TOO_LARGE: (_FILE, "is too large for this model: compress the recording or cut it into parts."),
        Reason.NO_AUDIO_TRACK: (_FILE, "has no audio track: send a file that has sound in it."),
        Reason.NO_INDEX: (
            _FILE,
            "has no index (moov), so it was cut off or its recording never ended: send the whole file.",
        ),
        Reason.AUDIO_CUT_OFF: (_FILE, "is cut off: it ends before the end that it declares. Send the whole file."),
        Reason.AUDIO_DAMAGED: (_FILE, "is damaged: its audio cannot be decoded. Export the recording again."),
        Reason.UNKNOWN_FORMAT: (_FILE, f"is in no known audio format. {_SUPPORTED}"),
        Reason.UNKNOWN_LANGUAGE: ("language", "is no language of this model: send an ISO 639-1 code such as `en`."),
        Reason.INPUT_TOO_LONG: ("input", "is too long for this model: split the text into several requests."),
        Reason.INPUT_UNSPEAKABLE: ("input", "has nothing that this voice can pronounce: send words."),
        Reason.UNKNOWN_VOICE: ("voice", "is no voice of this model: choose another, or leave it out."),
        Reason.UNSUPPORTED_RESPONSE_FORMAT: ("response_format", "is not supported by this model: choose another."),
        Reason.UNSUPPORTED_GRANULARITIES: (
            "timestamp_granularities",
            "need the response_format `verbose_json`, and a model that gives times.",
        ),
        Reason.OUT_OF_RANGE: (None, "is out of the range that this model takes."),
        Reason.UNKNOWN_MODEL: (
            "model",
            "leads to a model that the provider does not know: ask whoever configures this gateway.",
        ),
        Reason.CONTENT_POLICY: (None, "was refused by the provider's content policy: change the text."),
    }
)


def field_of(reason: Reason) -> str | None:
    """The field at fault, as a form names it; None where only the provider can tell."""
    return _WORDS[reason][0]


def words_of(reason: Reason) -> str:
    """What is wrong with the field, and what to do: the rest of a sentence that starts with the field's name."""
    return _WORDS[reason][1]


def looks_like(head: bytes) -> str | None:
    """What a file is that is no audio, by its first bytes: for the end of "It looks like ..."; None for no idea."""
    found = (words for mark, words in _OTHER_FILES if head.lstrip(b"\xef\xbb\xbf \r\n\t").lower().startswith(mark))
    return next(found, None) or ("text" if head and head.isascii() and head.decode().isprintable() else None)


_OTHER_FILES = (
    (b"\x1f\x8b", "gzip: send the file itself"),
    (b"pk\x03\x04", "a ZIP archive: send the file in it"),
    (b"%pdf", "a PDF"),
    (b"\x89png", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<!doctype html", "a web page: was the download an error page?"),
    (b"<html", "a web page: was the download an error page?"),
    (b"<?xml", "XML"),
    (b"{", "JSON: was the download an error?"),
    (b"data:", "a `data:` URL: send the bytes that it encodes"),
)

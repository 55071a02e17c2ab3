"""Transcriptions and translations: what is asked of a request, in both forms."""

from __future__ import annotations

from dataclasses import replace

from tests.mutants.conditions import AS_FORM, AS_JSON, When, asked, audio_of, lacks, on, sent
from tests.mutants.edge import instead, requests
from tests.mutants.exchange import TRANSCRIPTS, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import filled, replies, reworded, swallows, transcript, uploads

_FIELDS = {"model", "file", "audio", "language", "prompt", "response_format", "temperature"}
_GRANULARITIES = ("timestamp_granularities", "timestamp_granularities[]")
_AUDIO = {"data", "fileName", "contentType"}

CONTAINERS = {
    "wav": lambda data: data[:4] == b"RIFF",
    "mp3": lambda data: data[:3] == b"ID3" or (data[:1] == b"\xff" and data[1:2] > b"\xe0" and data[1] & 6),
    "flac": lambda data: data[:4] == b"fLaC",
    "ogg": lambda data: data[:4] == b"OggS",
    "webm": lambda data: data[:4] == b"\x1a\x45\xdf\xa3",
    "m4a": lambda data: data[4:8] == b"ftyp",
}


def _null(value: object) -> bool:
    return value is None


def _no_string(value: object) -> bool:
    return value is not None and not isinstance(value, str)


def _has_extra(request: Asked) -> bool:
    names = {each.name for each in request.parts}
    if isinstance(request.document, dict):
        names |= set(request.document)
    return bool(names - _FIELDS - set(_GRANULARITIES))


def _granularities_are(test: object) -> When:
    return sent(_GRANULARITIES[0], test) | sent(_GRANULARITIES[1], test)  # type: ignore[arg-type]


def _renamed(request: Asked) -> Asked:
    """The first file, whatever its name, is taken for the recording."""
    return request.with_parts([replace(each, name="file") if each.is_file else each for each in request.parts])


def _garbled(request: Asked) -> Asked:
    """What is not of the ordinary alphabet is taken for zeros."""
    audio = request.get("audio")
    return request.with_fields(audio={**audio, "data": audio["data"].replace("-", "A").replace("_", "A")})


_NO_FILE = AS_FORM & asked(lambda request: request.file is None)
_TEXT_FILE = AS_FORM & asked(lambda request: request.file is not None and not request.file.is_file)
_NAMELESS = AS_FORM & asked(
    lambda request: request.file is not None and request.file.is_file and not request.file.file_name
)
_UNTYPED = AS_FORM & asked(
    lambda request: request.file is not None and request.file.file_name and not request.file.content_type
)
_OCTETS = AS_FORM & asked(
    lambda request: request.file is not None and request.file.content_type == "application/octet-stream"
)
_OTHER_NAME = _NO_FILE & asked(lambda request: any(each.is_file for each in request.parts))
_NO_AUDIO = AS_JSON & lacks("audio")
_NO_DATA = AS_JSON & asked(
    lambda request: isinstance(request.get("audio"), dict) and "data" not in request.get("audio")
)
_DATA = "data"
_UNDECODABLE = audio_of(_DATA, lambda v: isinstance(v, str) and v and not v.strip("!*?#@ ")) | audio_of(
    _DATA, lambda v: isinstance(v, str) and len(v.rstrip("=")) % 4 == 1
)
_URL_SAFE = audio_of(_DATA, lambda v: isinstance(v, str) and ("-" in v or "_" in v))
_WRAPPED = audio_of(_DATA, lambda v: isinstance(v, str) and "\n" in v)
_UNPADDED = audio_of(_DATA, lambda v: isinstance(v, str) and len(v) % 4 in {2, 3})
_EMPTY_FILE = AS_FORM & asked(
    lambda request: request.file is not None and request.file.is_file and not request.file.value
)
_EMPTY = _EMPTY_FILE | audio_of(_DATA, lambda v: v == "")
_NAMED = AS_JSON & (audio_of("fileName") | audio_of("contentType"))
_WHOLE_AUDIO = AS_JSON & asked(lambda request: isinstance(request.get("audio"), dict))


def _of(route: str) -> list[tuple[str, str, Fault, str]]:
    """Name, requirement, fault, row of the real bugs: for one route."""
    here = on(route)
    model = {"model": "whisper-1"}
    empty_model = sent("model", lambda v: v == "")
    zero = sent("temperature", lambda v: v in {0, "0"})
    return [
        ("minimal-form-refused", "form.multipart", replies(400, here & AS_FORM & lacks("response_format")), "C14"),
        ("file-field-under-another-name", "form.multipart", replies(400, here & AS_FORM & asked(lambda request: request.file is not None and request.file.is_file)), "C26"),
        ("form-415", "form.multipart", replies(415, here & AS_FORM), "C22"),
        ("json-form-415", "form.json", replies(415, here & AS_JSON), ""),
        ("json-form-says-otherwise", "forms-agree", reworded(str.upper, here & AS_JSON), ""),
        ("model-defaulted", "model.missing", filled(here & lacks("model"), **model), "C30"),
        ("model-missing-in-form-422", "model.missing", replies(422, here & AS_FORM & lacks("model")), "G19"),
        ("null-model-defaulted", "model.null", filled(here & sent("model", _null), **model), ""),
        ("empty-model-defaulted", "model.empty", filled(here & empty_model, **model), "C30"),
        ("empty-model-in-form-500", "model.empty", replies(500, here & AS_FORM & empty_model), ""),
        ("mistyped-model-422", "model.type", replies(422, here & AS_JSON & sent("model", _no_string)), ""),
        ("no-file-500", "file.missing", replies(500, here & _NO_FILE), "C23"),
        ("no-file-empty-text", "file.missing", instead(lambda _: transcript(), here & _NO_FILE), "C32"),
        ("any-file-will-do", "file.missing", requests(_renamed, here & _OTHER_NAME), "C25"),
        ("text-for-file-500", "file.text", replies(500, here & _TEXT_FILE), "C24"),
        ("text-for-file-served", "file.text", instead(lambda _: transcript("text"), here & _TEXT_FILE), "C3"),
        ("nameless-file-500", "file.no-name", replies(500, here & _NAMELESS), "C1"),
        ("untyped-file-500", "file.media-type", replies(500, here & _UNTYPED), "C8"),
        ("octets-refused", "file.media-type", replies(400, here & _OCTETS), "C5"),
        ("no-audio-500", "audio.missing", replies(500, here & _NO_AUDIO), ""),
        ("null-audio-500", "audio.null", replies(500, here & sent("audio", _null)), ""),
        ("string-audio-500", "audio.type", replies(500, here & AS_JSON & sent("audio", lambda v: isinstance(v, str))), ""),
        ("listed-audio-422", "audio.type", replies(422, here & AS_JSON & sent("audio", lambda v: isinstance(v, list))), ""),
        ("no-data-500", "audio-data.missing", replies(500, here & _NO_DATA), ""),
        ("null-data-500", "audio-data.null", replies(500, here & audio_of(_DATA, _null)), ""),
        ("empty-data-empty-text", "audio-data.empty", instead(lambda _: transcript(), here & audio_of(_DATA, lambda v: v == "")), "C32"),
        ("mistyped-data-500", "audio-data.type", replies(500, here & audio_of(_DATA, _no_string)), ""),
        ("bad-base64-500", "audio-data.undecodable", replies(500, here & _UNDECODABLE), "C31"),
        ("bad-base64-empty-text", "audio-data.undecodable", instead(lambda _: transcript(), here & _UNDECODABLE), "C31"),
        ("unpadded-base64-500", "audio-data.variants", replies(500, here & _UNPADDED), ""),
        ("wrapped-base64-500", "audio-data.variants", replies(500, here & _WRAPPED), ""),
        ("urlsafe-base64-garbled", "audio-data.variants", requests(_garbled, here & _URL_SAFE), "C31"),
        ("file-name-required", "audio-name.absent", replies(400, here & _WHOLE_AUDIO & ~_NAMED), ""),
        ("mistyped-file-name-500", "audio-name.type", replies(500, here & (audio_of("fileName", _no_string) | audio_of("contentType", _no_string))), ""),
        ("extra-in-audio-refused", "audio-extra.ignored", replies(400, here & asked(lambda r: isinstance(r.get("audio"), dict) and set(r.get("audio")) - _AUDIO)), ""),
        ("empty-file-empty-text", "empty-audio.refused", instead(lambda _: transcript(), here & _EMPTY), "C32"),
        ("empty-file-500", "empty-audio.not-served", replies(500, here & _EMPTY_FILE), "G6"),
        ("empty-file-thanks-for-watching", "empty-audio.not-served", instead(lambda _: transcript("Thanks for watching!"), here & _EMPTY), "C30"),
        ("not-audio-empty-text", "not-audio.not-served", swallows(lambda told: told.status == 400, route), "G10"),
        ("empty-prompt-refused", "prompt.accepted", replies(400, here & sent("prompt", lambda v: v == "")), ""),
        ("foreign-prompt-500", "prompt.accepted", replies(500, here & sent("prompt", lambda v: isinstance(v, str) and not v.isascii())), ""),
        ("temperature-zero-refused", "temperature.accepted", replies(400, here & zero), ""),
        ("mistyped-prompt-500", "prompt.type", replies(500, here & sent("prompt", _no_string)), ""),
        ("mistyped-format-500", "response-format.type", replies(500, here & sent("response_format", _no_string)), ""),
        ("mistyped-temperature-500", "temperature.type", replies(500, here & sent("temperature", _no_number)), ""),
        ("null-option-500", "optional-null", replies(500, here & AS_JSON & (sent("prompt", _null) | sent("temperature", _null))), ""),
        ("unknown-format-500", "response-format.unknown", replies(500, here & sent("response_format", lambda v: isinstance(v, str) and v not in {"", "json", "text", "srt", "vtt", "verbose_json"})), "A13"),
        ("extra-field-refused", "extra-field.ignored", replies(400, here & asked(_has_extra)), ""),
        ("extra-field-500", "extra-field.survived", replies(500, here & asked(_has_extra)), ""),
        *((f"{name}-refused", f"container.{name}", replies(400, here & uploads(test)), "G9" if name == "webm" else "") for name, test in CONTAINERS.items()),
        ("large-upload-413", "upload.size", replies(413, here & uploads(lambda data: len(data) > 1_000_000)), "G18"),
        ("large-json-upload-500", "upload.size", replies(500, here & AS_JSON & uploads(lambda data: len(data) > 1_000_000)), ""),
    ]  # fmt: skip


def _no_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return value is not None
    return isinstance(value, bool)


_LANGUAGE = on("transcriptions") & sent("language")
_ONLY_TRANSCRIPTIONS = (
    ("language-refused", "language.accepted", replies(400, _LANGUAGE & AS_FORM), "B10"),
    ("mistyped-language-500", "language.type", replies(500, on("transcriptions") & sent("language", _no_string)), ""),
    ("granularities-refused", "granularities.accepted", replies(400, on("transcriptions") & _granularities_are(bool)), "B10"),
    ("mistyped-granularities-500", "granularities.type", replies(500, on("transcriptions") & AS_JSON & _granularities_are(lambda v: not isinstance(v, list))), "B9"),
    ("round-trip-in-lower-case", "text.round-trip", reworded(str.lower, on("transcriptions")), ""),
)  # fmt: skip
_ONLY_TRANSLATIONS = (
    ("language-refused", "language.accepted", replies(400, on("translations") & sent("language")), ""),
    ("granularities-refused", "granularities.accepted", replies(422, on("translations") & _granularities_are(bool)), ""),
    ("mistyped-language-500", "language.type", replies(500, on("translations") & sent("language", _no_string)), ""),
    ("mistyped-granularities-500", "granularities.type", replies(500, on("translations") & AS_JSON & _granularities_are(lambda v: not isinstance(v, list))), ""),
)  # fmt: skip

MUTANTS = (
    *(Mutant(f"{route}-{name}", f"{route}.{kills}", fault, bug) for route in TRANSCRIPTS for name, kills, fault, bug in _of(route)),
    *(Mutant(f"transcriptions-{name}", f"transcriptions.{kills}", fault, bug) for name, kills, fault, bug in _ONLY_TRANSCRIPTIONS),
    *(Mutant(f"translations-{name}", f"translations.{kills}", fault, bug) for name, kills, fault, bug in _ONLY_TRANSLATIONS),
)  # fmt: skip

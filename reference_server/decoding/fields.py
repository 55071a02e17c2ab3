"""The fields of the requests as the contract types them, and the errors for what does not fit.

One table of types for both encodings: JSON is decoded into it strictly, a form's strings are converted to it leniently.
Unknown fields are ignored, null and the empty string count as absent. Contract: Request tables; rulings, Statuses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, TypeVar

import msgspec

from reference_server.errors import InvalidField, MalformedBody

GRANULARITIES = "timestamp_granularities"
GRANULARITIES_IN_FORMS = "timestamp_granularities[]"
Granularity = Literal["word", "segment"]
# Anything larger is no playback speed and no temperature, and could not be written as a number for every provider.
_LARGEST = 1e9

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# What a field must be, for the end of a sentence; `model`, `input` and the like are strings.
_WANTED = {
    "speed": "a number",
    "temperature": "a number",
    "audio": "an object with the recording as base64 in `data`",
    "voice": "a string: the name of a voice",
    "response_format": "one of `json`, `text`, `srt`, `verbose_json` and `vtt`",
    GRANULARITIES: "a list of `word`, `segment` or both",
    GRANULARITIES_IN_FORMS: "`word` or `segment`, once each",
}

_PATH = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`")
_PREFIX = re.compile(r"\[(?:\.\.\.|\d+)\].*$")

Fields = TypeVar("Fields", bound=msgspec.Struct)


class SpeechFields(msgspec.Struct, kw_only=True):
    model: str
    input: str
    voice: str | dict[str, Any] | None = None
    response_format: Any = None  # whatever is not a listed name is ignored, by the contract
    speed: int | float | None = None
    instructions: str | None = None
    stream_format: Any = None  # for the provider alone, in contracts that have it


class AudioFields(msgspec.Struct, kw_only=True):
    """The `audio` object. `data` stays raw: it may be tens of megabytes and is decoded from where it lies."""

    data: msgspec.Raw = msgspec.Raw()
    fileName: str | None = None  # noqa: N815 - the contract's spelling
    contentType: str | None = None  # noqa: N815 - the contract's spelling


class TranslationFields(msgspec.Struct, kw_only=True):
    """`audio` belongs to the JSON encoding only; a form has its file beside the fields."""

    model: str
    audio: AudioFields | None = None
    prompt: str | None = None
    response_format: str | None = None
    temperature: int | float | None = None


class TranscriptionFields(TranslationFields, kw_only=True):
    language: str | None = None
    granularities: list[Granularity] | None = msgspec.field(name=GRANULARITIES, default=None)
    bracketed: list[Granularity] | None = msgspec.field(name=GRANULARITIES_IN_FORMS, default=None)


def from_json(buffer: Any, kind: type[Fields]) -> Fields:
    """Decodes a JSON object. `buffer` must be checked to be UTF-8: strings that are skipped are not looked into.

    Raises MalformedBody when it is no JSON object, InvalidField when a field does not fit.
    """
    text = memoryview(buffer)
    if text[:3] == _BYTE_ORDER_MARK:  # RFC 8259 lets a reader ignore it
        text = text[3:]
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    except RecursionError:
        raise MalformedBody("The body is nested too deeply. Send one flat JSON object.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise MalformedBody("The body is not JSON. Send one JSON object, encoded in UTF-8.") from None


def from_form(pairs: list[tuple[str, str]], kind: type[Fields]) -> Fields:
    """Converts a form's text fields. Raises InvalidField when one does not fit or is ambiguous by repetition."""
    lists = {GRANULARITIES, GRANULARITIES_IN_FORMS}
    known = _names_in_forms(kind)
    document: dict[str, Any] = {}
    for name, value in pairs:
        if name not in known or (value == "" and name != "model"):
            continue
        if name in lists:
            document.setdefault(name, []).append(value)
        elif name in document:
            raise InvalidField(name, "was sent more than once: send it once.")
        else:
            document[name] = value
    try:
        return msgspec.convert(document, kind, strict=False)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None


@cache
def _names_in_forms(kind: type[msgspec.Struct]) -> frozenset[str]:
    return frozenset(each.encode_name for each in msgspec.structs.fields(kind)) - {"audio"}


def _explained(complaint: str) -> InvalidField | MalformedBody:
    match = _PATH.fullmatch(complaint)
    problem, path = (match["problem"], match["path"] or "") if match else (complaint, "")
    if missing := _MISSING.match(problem):
        return InvalidField(f"{path}.{missing['field']}".lstrip("."), "is missing: it is required.")
    if not path:
        return MalformedBody("The body must be a JSON object with the fields of the operation.")
    param = _PREFIX.sub("", path)
    return InvalidField(param, f"must be {_WANTED.get(param, 'a string')}.")


def required(value: str, param: str) -> str:
    """`value`, when it is not empty. Raises InvalidField."""
    if not value:
        raise InvalidField(param, "is empty: it is required.")
    return value


def optional(value: str | None) -> str | None:
    """`value`, or None when it is absent or empty."""
    return value or None


def one_of(value: str | None, param: str, known: Sequence[str]) -> str | None:
    """`value` or, when it is absent or empty, None. Raises InvalidField for one that is not known."""
    if value and value not in known:
        raise InvalidField(param, f"must be one of {', '.join(f'`{each}`' for each in known[:-1])} and `{known[-1]}`.")
    return value or None


def number(value: float | None, param: str) -> float | None:
    """`value`, when it is a finite number of sensible size. Raises InvalidField. An int stays an int."""
    if value is not None and not abs(value) <= _LARGEST:  # so written, NaN is caught too
        raise InvalidField(param, f"is out of range: send a number of at most {_LARGEST:g}.")
    return value

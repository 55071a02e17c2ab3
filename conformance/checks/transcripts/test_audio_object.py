"""The audio object of the JSON form: what it must hold, and which texts pass for base64."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OMIT, TRANSCRIPT_OPERATIONS, ask
from conformance.http.bodies import Upload, audio_object
from conformance.http.exchange import Exchange
from conformance.judge.client.transcripts import is_transcript
from conformance.judge.upstream.upload import upload_arrived
from conformance.samples.wrong_types import NO_OBJECT, NO_STRING


def ask_with(case: Case, route: str, audio: Any, **fields: Any) -> Exchange:
    """A JSON request with this under `audio`."""
    return ask(case, route, "json", upload=OMIT, audio=audio, **fields)


def changed(case: Case, **parts: Any) -> dict[str, Any]:
    """A valid audio object but for what is changed; `OMIT` leaves a part out."""
    return {name: value for name, value in {**audio_object(case.upload()), **parts}.items() if value is not OMIT}


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio.missing")
@pytest.mark.parametrize("instead", [{}, {"file": "UklGRg=="}], ids=["nothing", "file"])
def test_a_missing_audio_object_is_400(case: Case, route: str, instead: dict[str, Any]) -> None:
    exchange = ask(case, route, "json", upload=OMIT, **instead)
    case.judge(case.answered(exchange, "missing-field", because=f"{route} without audio"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio.null")
def test_audio_of_null_is_400(case: Case, route: str) -> None:
    case.judge(case.answered(ask_with(case, route, None), "missing-field", because=f"{route} with audio: null"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio.type")
@pytest.mark.parametrize("kind", [*NO_OBJECT, "base64", "listed-object"])
def test_audio_that_is_no_object_is_400(case: Case, route: str, kind: str) -> None:
    whole = audio_object(case.upload())
    value = {**NO_OBJECT, "base64": whole["data"], "listed-object": [whole]}[kind]
    case.judge(
        case.answered(
            ask_with(case, route, value),
            "missing-field",
            because=f"{route} with audio of another type ({kind})",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.missing")
@pytest.mark.parametrize("kind", ["empty-object", "name-only"])
def test_missing_data_is_400(case: Case, route: str, kind: str) -> None:
    audio = {} if kind == "empty-object" else changed(case, data=OMIT)
    case.judge(
        case.answered(
            ask_with(case, route, audio),
            "missing-field",
            because=f"{route} with audio: {audio}",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.null")
def test_data_of_null_is_400(case: Case, route: str) -> None:
    exchange = ask_with(case, route, changed(case, data=None))
    case.judge(case.answered(exchange, "missing-field", because=f"{route} with audio.data: null"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.empty")
def test_empty_data_is_400(case: Case, route: str) -> None:
    exchange = ask_with(case, route, changed(case, data=""))
    case.judge(case.answered(exchange, "missing-field", because=f'{route} with audio.data: ""'))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.type")
@pytest.mark.parametrize("kind", [*NO_STRING, "bytes"])
def test_data_of_another_type_is_400(case: Case, route: str, kind: str) -> None:
    value = {**NO_STRING, "bytes": list(case.upload().data[:64])}[kind]
    exchange = ask_with(case, route, changed(case, data=value))
    case.judge(
        case.answered(
            exchange,
            "missing-field",
            because=f"{route} with audio.data of another type ({kind})",
        )
    )


def one_too_many(data: str) -> str:
    """Good base64 and one character more: a number of characters that no padding mends."""
    whole = data.rstrip("=")
    return whole[: len(whole) // 4 * 4] + "A"


# What no variant of base64 decodes.
NO_BASE64: dict[str, Callable[[str], str]] = {
    "marks": lambda _: "!!!",
    "one-character": lambda _: "A",
    "impossible-length": one_too_many,
    "not-ascii": lambda _: "ééé",
    "emoji": lambda _: "👋👋",
}


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.undecodable")
@pytest.mark.parametrize("kind", NO_BASE64)
def test_what_is_no_base64_is_400(case: Case, route: str, kind: str) -> None:
    audio = changed(case)
    exchange = ask_with(case, route, {**audio, "data": NO_BASE64[kind](audio["data"])})
    case.judge(
        case.answered(
            exchange,
            "undecodable-audio-data",
            because=f"{route} with audio.data that is no base64 ({kind})",
        )
    )


def wrapped(line_end: str) -> Callable[[str], str]:
    return lambda data: line_end.join(data[at : at + 76] for at in range(0, len(data), 76)) + line_end


# Base64 that some decoders take and others do not, by how it is made from the ordinary kind.
VARIANTS: dict[str, Callable[[str], str]] = {
    "unpadded": lambda data: data.rstrip("="),
    "url-safe": lambda data: data.translate(str.maketrans("+/", "-_")),
    "url-safe-unpadded": lambda data: data.rstrip("=").translate(str.maketrans("+/", "-_")),
    "wrapped-crlf": wrapped("\r\n"),
    "wrapped-lf": wrapped("\n"),
}


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-data.variants")
@pytest.mark.parametrize("kind", VARIANTS)
def test_another_kind_of_base64_is_200_or_400(case: Case, route: str, kind: str) -> None:
    """Taken or refused, but never decoded to something else, as decoders do that drop what they do not know."""
    upload = needing_every_variant(case)
    audio = audio_object(upload)
    exchange = ask_with(case, route, {**audio, "data": VARIANTS[kind](audio["data"])}, prompt=case.marker)
    because = f"{route} with audio.data in {kind} base64"
    calls = case.calls(upload) if case.mock and case.is_served(exchange) else []
    wrong = case.answered(exchange, "taken-or-refused", because=because)
    case.judge(wrong or upload_arrived(exchange, calls, upload))


def needing_every_variant(case: Case) -> Upload:
    """A wav whose base64 has padding and both characters that the URL-safe alphabet replaces."""
    for extra in range(60):
        upload = case.upload(0.5 + extra / 1000)
        text = base64.b64encode(upload.data).decode()
        if {"+", "/", "="} <= set(text):
            return upload
    raise AssertionError("no wav of this marker has all of + / = in its base64")


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-name.absent")
@pytest.mark.parametrize("absent", ["fileName", "contentType", "both"])
def test_a_missing_name_and_type_are_no_fault(case: Case, route: str, absent: str) -> None:
    parts = ("fileName", "contentType") if absent == "both" else (absent,)
    exchange = ask_with(case, route, changed(case, **dict.fromkeys(parts, OMIT)))
    because = f"{route} with an audio object without {absent}"
    case.judge(
        case.answered(exchange, "served", because=because)
        or is_transcript(exchange, case.contract.transcript(), because=because)
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-name.type")
@pytest.mark.parametrize("part", ["fileName", "contentType"])
@pytest.mark.parametrize("value", [None, 5, True, [], ["speech.wav"], {}], ids=repr)
def test_a_name_or_type_that_is_no_string_is_200_or_400(case: Case, route: str, part: str, value: Any) -> None:
    exchange = ask_with(case, route, changed(case, **{part: value}))
    case.judge(case.answered(exchange, "taken-or-refused", because=f"{route} with audio.{part}: {value!r}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.audio-extra.ignored")
def test_an_unknown_part_of_the_audio_object_is_ignored(case: Case, route: str) -> None:
    exchange = ask_with(case, route, changed(case, x_conformance={"deep": [1]}))
    case.judge(case.answered(exchange, "served", because=f"{route} with an unknown part in the audio object"))

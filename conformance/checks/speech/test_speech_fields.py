"""Fields of a speech request: what must be there, what may be left out, and what a wrong value comes to."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.audio.samples import speech_like_wav
from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import OMIT, ask, valid_fields
from conformance.drive.scripts import audio_response, match_of
from conformance.http.bodies import json_body
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.speech import carries_audio, same_format
from conformance.judge.upstream.fields import field_arrived
from conformance.samples.texts import INSTRUCTIONS, SCRIPTS
from conformance.samples.wrong_types import NO_NUMBER, NO_STRING

REQUIRED = ("model", "input")

# Every way of not naming one of the six formats, by the requirement that it belongs to.
NOT_A_FORMAT: dict[str, list[Any]] = {
    "unlisted": ["ogg", "mpeg", "audio/flac", "wav,flac", "json"],
    "spelling": ["FLAC", "Wav", "flac ", " wav", ".flac"],
    "empty": [""],
    "null": [None],
    "other-type": [5, 0, True, False, ["flac"], {"format": "flac"}],
}


def speak_with(case: Case, field: str, value: Any) -> Exchange:
    """A valid speech request but for one field; `OMIT` leaves it out."""
    changes: dict[str, Any] = {field: value}
    return ask(case, "speech", **changes)


def served(case: Case, exchange: Exchange, because: str) -> tuple[Any, ...]:
    """Findings of a request that must be served with audio."""
    wrong = case.answered(exchange, "served", because=because)
    return (wrong or carries_audio(exchange, because=because),)


@each("field", REQUIRED, "speech.{field}.missing")
def test_a_missing_required_field_is_400(case: Case, field: str) -> None:
    case.judge(case.answered(speak_with(case, field, OMIT), "missing-field", because=f"speech without {field}"))


@each("field", REQUIRED, "speech.{field}.null")
def test_a_required_field_of_null_is_400(case: Case, field: str) -> None:
    case.judge(case.answered(speak_with(case, field, None), "missing-field", because=f"speech with {field}: null"))


@each("field", REQUIRED, "speech.{field}.empty")
def test_an_empty_required_field_is_400(case: Case, field: str) -> None:
    case.judge(case.answered(speak_with(case, field, ""), "missing-field", because=f'speech with {field}: ""'))


@each("field", REQUIRED, "speech.{field}.type")
@pytest.mark.parametrize("kind", NO_STRING)
def test_a_required_field_of_another_type_is_400(case: Case, field: str, kind: str) -> None:
    value = [case.speech_model] if kind == "list" else NO_STRING[kind]
    case.judge(
        case.answered(
            speak_with(case, field, value),
            "missing-field",
            because=f"speech with {field}: {value!r}",
        )
    )


@decides("speech.voice.absent")
def test_no_voice_is_the_default_voice(case: Case) -> None:
    case.judge(*served(case, ask(case, "speech", voice=OMIT), "speech without a voice"))


@each("field", ("voice", "instructions"), "speech.{field}.type")
@pytest.mark.parametrize("kind", NO_STRING)
def test_an_optional_string_of_another_type_is_200_or_400(case: Case, field: str, kind: str) -> None:
    value = NO_STRING[kind]
    case.judge(
        case.answered(
            speak_with(case, field, value),
            "taken-or-refused",
            because=f"speech with {field}: {value!r}",
        )
    )


@decides("speech.speed.type")
@pytest.mark.parametrize("kind", NO_NUMBER)
def test_a_speed_that_is_no_number_is_200_or_400(case: Case, kind: str) -> None:
    value = NO_NUMBER[kind]
    case.judge(
        case.answered(
            ask(case, "speech", speed=value),
            "taken-or-refused",
            because=f"speech with speed: {value!r}",
        )
    )


@each("field", ("voice", "speed", "instructions"), "speech.optional-null")
def test_an_optional_field_of_null_is_200_or_400(case: Case, field: str) -> None:
    case.judge(
        case.answered(
            speak_with(case, field, None),
            "taken-or-refused",
            because=f"speech with {field}: null",
        )
    )


@each("field", ("voice", "instructions"), "speech.optional-empty")
def test_an_empty_optional_string_is_200_or_400(case: Case, field: str) -> None:
    case.judge(case.answered(speak_with(case, field, ""), "taken-or-refused", because=f'speech with {field}: ""'))


@decides("speech.speed.accepted")
@pytest.mark.parametrize("speed", [1, 1.0])
def test_the_ordinary_speed_is_accepted(case: Case, speed: float) -> None:
    case.judge(*served(case, ask(case, "speech", speed=speed), f"speech with speed: {speed}"))


@decides("speech.speed.range")
@pytest.mark.parametrize("speed", [0.25, 0.5, 1.3, 2, 4.0])
def test_every_speed_that_the_provider_takes_is_accepted(case: Case, speed: float) -> None:
    case.judge(*served(case, ask(case, "speech", speed=speed), f"speech with speed: {speed}"))


@decides("speech.speed.out-of-range")
@pytest.mark.parametrize("speed", [99, 4.01, 0.2])
def test_a_speed_beyond_the_usual_is_200_or_400(case: Case, speed: float) -> None:
    case.judge(
        case.answered(
            ask(case, "speech", speed=speed),
            "taken-or-refused",
            because=f"speech with speed: {speed}",
        )
    )


@decides("speech.instructions.accepted")
@pytest.mark.parametrize("instructions", INSTRUCTIONS)
def test_instructions_are_accepted(case: Case, instructions: str) -> None:
    case.judge(
        *served(case, ask(case, "speech", instructions=instructions), f"speech with instructions {instructions!r}")
    )


@decides("speech.input.escaped")
def test_json_escapes_in_the_input_are_accepted(case: Case) -> None:
    body = json_body(valid_fields(case, "speech", input=f"{case.marker}. Déjà vu 👋"), ensure_ascii=True)
    case.judge(
        *served(case, case.post("speech", body), "speech with input in JSON escapes, a surrogate pair among them")
    )


@decides("speech.input.scripts")
@pytest.mark.parametrize("script", SCRIPTS)
def test_input_in_any_script_is_spoken(case: Case, script: str) -> None:
    text, because = f"{case.marker} {SCRIPTS[script]}", f"speech with input in {script}"
    exchange = ask(case, "speech", input=text)
    case.judge(*served(case, exchange, because), field_arrived(exchange, case.calls(), "input", text))


@decides("speech.input.long")
@pytest.mark.parametrize("filler", ["a", "é", "語"])
def test_the_longest_input_is_spoken(case: Case, filler: str) -> None:
    """Synthesizing it takes a provider seconds, so its response is scripted: what counts is that it gets the text whole."""
    text = f"{case.marker} ".ljust(4096, filler)
    because = f"speech with input of {len(text)} characters, {len(text.encode())} bytes"
    act = audio_response(speech_like_wav(case.marker, 0.5))
    with case.provider.scripted(match_of(case, "speech"), act):
        exchange = ask(case, "speech", input=text, response_format="wav")
    case.judge(*served(case, exchange, because), field_arrived(exchange, case.calls(), "input", text))


@decides("speech.extra-field.ignored")
@pytest.mark.parametrize("value", ["x", 1, None, {"deep": [{"er": None}]}])
def test_an_unknown_field_is_ignored(case: Case, value: Any) -> None:
    case.judge(*served(case, ask(case, "speech", x_conformance=value), f"speech with an unknown field of {value!r}"))


@decides("speech.extra-field.survived")
@pytest.mark.parametrize("name", ["x_conformance", "", "__proto__", "feld-ü"])
def test_an_unknown_field_is_no_server_error(case: Case, name: str) -> None:
    exchange = speak_with(case, name, {"toString": None})
    case.judge(case.answered(exchange, "not-server-error", because=f"speech with an unknown field {name!r}"))


@each("kind", NOT_A_FORMAT, "speech.response-format.{kind}")
def test_what_names_no_format_is_ignored(case: Case, kind: str) -> None:
    bare = case.succeeded(ask(case, "speech", response_format=OMIT))
    case.judge(*(ignored(case, value, bare) for value in NOT_A_FORMAT[kind]))


def ignored(case: Case, value: Any, bare: Exchange) -> Finding | None:
    exchange, because = ask(case, "speech", response_format=value), f"speech with response_format: {value!r}"
    return case.answered(exchange, "served", because=because) or same_format(exchange, bare, because=because)

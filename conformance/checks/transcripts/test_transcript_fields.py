"""Fields of a transcript request in both forms: what must be there, what may be left out, what a wrong value comes to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OMIT, TRANSCRIPT_ENCODINGS, TRANSCRIPT_OPERATIONS, TRANSCRIPTS, ask
from conformance.errors import NotVerified
from conformance.http.bodies import Field, Upload, multipart_body
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.transcripts import has_no_text, is_transcript
from conformance.samples.texts import PROMPTS
from conformance.samples.uploads import ODD_NAMES, PLAIN_NAMES
from conformance.samples.wrong_types import NO_NUMBER, NO_STRING

TEMPERATURES = {"zero": 0, "half": 0.5, "whole": 1, "float-zero": 0.0}
GRANULARITIES = {
    "segment": ["segment"],
    "word": ["word"],
    "both": ["segment", "word"],
    "both-turned": ["word", "segment"],
}


def served(case: Case, exchange: Exchange, because: str, name: str | None = None) -> tuple[Finding | None, ...]:
    """Findings of a request that must be served with a transcript in the format `name`."""
    shape = case.contract.transcript(name)
    return (case.answered(exchange, "served", because=because) or is_transcript(exchange, shape, because=because),)


@each("route, form", TRANSCRIPTS, "{route}.form.{form}")
def test_the_form_is_accepted(case: Case, route: str, form: str) -> None:
    case.judge(*served(case, ask(case, route, form), f"{route} ({form}) with nothing but model and audio"))


@each("route, form", TRANSCRIPTS, "{route}.model.missing")
def test_a_missing_model_is_400(case: Case, route: str, form: str) -> None:
    exchange = ask(case, route, form, model=OMIT)
    case.judge(case.answered(exchange, "missing-field", because=f"{route} ({form}) without model"))


@each("route, form", TRANSCRIPTS, "{route}.model.empty")
def test_an_empty_model_is_400(case: Case, route: str, form: str) -> None:
    exchange = ask(case, route, form, model="")
    case.judge(case.answered(exchange, "missing-field", because=f'{route} ({form}) with model ""'))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.model.null")
def test_a_model_of_null_is_400(case: Case, route: str) -> None:
    case.judge(
        case.answered(
            ask(case, route, "json", model=None),
            "missing-field",
            because=f"{route} with model: null",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.model.type")
@pytest.mark.parametrize("kind", NO_STRING)
def test_a_model_of_another_type_is_400(case: Case, route: str, kind: str) -> None:
    value = [case.transcription_model] if kind == "list" else NO_STRING[kind]
    exchange = ask(case, route, "json", model=value)
    case.judge(case.answered(exchange, "missing-field", because=f"{route} with model: {value!r}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.file.missing")
@pytest.mark.parametrize("instead", ["nothing", "another-name"])
def test_a_missing_file_is_400(case: Case, route: str, instead: str) -> None:
    """A file under another name is no `file`."""
    stray = [("attachment", case.upload())] if instead == "another-name" else []
    body = multipart_body([("model", case.transcription_model), *stray])
    case.judge(
        case.answered(
            case.post(route, body),
            "missing-field",
            because=f"{route} with {instead} instead of file",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.file.text")
def test_text_where_the_file_belongs_is_400(case: Case, route: str) -> None:
    """A gateway that takes nameless parts for files leaves the refusal to its provider, and may report a failure."""
    body = multipart_body([("model", case.transcription_model), ("file", f"{case.marker}, which is no audio")])
    exchange = case.post(route, body)
    if exchange.status in case.contract.statuses("provider-failure"):
        excuse_if_passed_on(case, exchange)
    case.judge(case.answered(exchange, "missing-field", because=f"{route} with a line of text as file"))


def excuse_if_passed_on(case: Case, exchange: Exchange) -> None:
    """Raises NotVerified where the provider may have been asked, and where it is known to have been judges nothing."""
    if case.mock is None:
        raise NotVerified("declare mock_provider: whether the failure is the gateway's or its provider's", exchange)
    if case.calls(Upload(f"{case.marker}, which is no audio".encode())):
        raise NotVerified("the gateway passed the text on as a file, and reports its provider's refusal", exchange)


@each("route", TRANSCRIPT_OPERATIONS, "{route}.file.no-name")
def test_a_file_without_a_name_is_200_or_400(case: Case, route: str) -> None:
    exchange = ask(case, route, upload=Upload(case.upload().data, None, "audio/wav"))
    case.judge(
        case.answered(
            exchange,
            "taken-or-refused",
            because=f"{route} with a file part that has no file name",
        )
    )


@each("route, form", TRANSCRIPTS, "{route}.file-name.any")
@pytest.mark.parametrize("name", [*PLAIN_NAMES, *ODD_NAMES])
def test_a_file_of_any_name_is_served(case: Case, route: str, form: str, name: str) -> None:
    upload = replace(case.upload(), file_name=name.format(case.marker))
    case.judge(*served(case, ask(case, route, form, upload=upload), f"{route} ({form}) with a file named {name!a}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.file.media-type")
@pytest.mark.parametrize("media_type", ["application/octet-stream", "audio/x-wav", "none"])
def test_the_files_media_type_is_a_hint(case: Case, route: str, media_type: str) -> None:
    """The official Node client calls every file an octet stream, and others say nothing at all."""
    ours = case.upload()
    upload = Upload(ours.data, ours.file_name, None if media_type == "none" else media_type)
    because = f"{route} with a wav whose part has {media_type} for its media type"
    case.judge(*served(case, ask(case, route, upload=upload), because))


@each("route, form", TRANSCRIPTS, "{route}.empty-audio.refused")
def test_no_bytes_of_audio_are_400(case: Case, route: str, form: str) -> None:
    exchange = ask(case, route, form, upload=Upload(b"", "empty.wav"))
    case.judge(
        case.answered(
            exchange,
            "zero-byte-file-preferred",
            because=f"{route} ({form}) with no bytes of audio",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.empty-audio.not-served")
def test_no_bytes_of_audio_have_no_words(case: Case, route: str) -> None:
    exchange, because = ask(case, route, upload=Upload(b"", "empty.wav")), f"{route} with a file of no bytes"
    case.judge(
        case.answered(exchange, "not-server-error", because=because),
        has_no_text(exchange, case.contract.transcript(), because=because),
    )


@each("route, form", TRANSCRIPTS, "{route}.language.accepted")
def test_a_language_is_accepted(case: Case, route: str, form: str) -> None:
    case.judge(*served(case, ask(case, route, form, language="en"), f"{route} ({form}) with language en"))


@each("form", TRANSCRIPT_ENCODINGS, "translations.language.accepted")
def test_another_language_on_translations_is_accepted(case: Case, form: str) -> None:
    """What is translated is seldom English: clients say what it is, though translations do not use it."""
    case.judge(*served(case, ask(case, "translations", form, language="fr"), f"translations ({form}) with language fr"))


@each("route, form", TRANSCRIPTS, "{route}.prompt.accepted")
@pytest.mark.parametrize("kind", PROMPTS)
def test_a_prompt_is_accepted(case: Case, route: str, form: str, kind: str) -> None:
    exchange = ask(case, route, form, prompt=PROMPTS[kind])
    case.judge(*served(case, exchange, f"{route} ({form}) with prompt {PROMPTS[kind]!r}"))


@each("route, form", TRANSCRIPTS, "{route}.temperature.accepted")
@pytest.mark.parametrize("kind", TEMPERATURES)
def test_a_temperature_is_accepted(case: Case, route: str, form: str, kind: str) -> None:
    exchange = ask(case, route, form, temperature=TEMPERATURES[kind])
    case.judge(*served(case, exchange, f"{route} ({form}) with temperature {TEMPERATURES[kind]}"))


@each("form", TRANSCRIPT_ENCODINGS, "transcriptions.granularities.accepted")
@pytest.mark.parametrize("kind", GRANULARITIES)
def test_granularities_are_accepted(case: Case, form: str, kind: str) -> None:
    asked = GRANULARITIES[kind]
    if case.mock is None and "verbose_json" not in case.target.expect.transcript_formats:
        raise NotVerified("declare expect.transcript_formats: whether the provider behind has verbose_json")
    exchange = ask(case, "transcriptions", form, response_format="verbose_json", timestamp_granularities=asked)
    case.judge(*served(case, exchange, f"transcriptions ({form}) with timestamp_granularities {asked}", "verbose_json"))


@each("form", TRANSCRIPT_ENCODINGS, "translations.granularities.accepted")
@pytest.mark.parametrize("kind", GRANULARITIES)
def test_granularities_on_translations_are_accepted(case: Case, form: str, kind: str) -> None:
    exchange = ask(case, "translations", form, timestamp_granularities=GRANULARITIES[kind])
    case.judge(*served(case, exchange, f"translations ({form}) with timestamp_granularities {GRANULARITIES[kind]}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.temperature.type")
@pytest.mark.parametrize("kind", NO_NUMBER)
def test_a_temperature_that_is_no_number_is_200_or_400(case: Case, route: str, kind: str) -> None:
    exchange = ask(case, route, "json", temperature=NO_NUMBER[kind])
    case.judge(
        case.answered(
            exchange,
            "taken-or-refused",
            because=f"{route} with temperature: {NO_NUMBER[kind]!r}",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.temperature.type")
@pytest.mark.parametrize("text", ["hot", ""])
def test_a_temperature_in_words_is_200_or_400_in_a_form(case: Case, route: str, text: str) -> None:
    exchange = ask(case, route, temperature=text)
    case.judge(
        case.answered(
            exchange,
            "taken-or-refused",
            because=f"{route} (multipart) with temperature {text!r}",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.language.type")
@pytest.mark.parametrize("kind", NO_STRING)
def test_a_language_of_another_type_is_200_or_400(case: Case, route: str, kind: str) -> None:
    wrong_type(case, route, "language", NO_STRING[kind])


@each("route", TRANSCRIPT_OPERATIONS, "{route}.prompt.type")
@pytest.mark.parametrize("kind", NO_STRING)
def test_a_prompt_of_another_type_is_200_or_400(case: Case, route: str, kind: str) -> None:
    wrong_type(case, route, "prompt", NO_STRING[kind])


@each("route", TRANSCRIPT_OPERATIONS, "{route}.response-format.type")
@pytest.mark.parametrize("kind", NO_STRING)
def test_a_response_format_of_another_type_is_200_or_400(case: Case, route: str, kind: str) -> None:
    wrong_type(case, route, "response_format", NO_STRING[kind])


@each("route", TRANSCRIPT_OPERATIONS, "{route}.granularities.type")
@pytest.mark.parametrize("value", ["word", 5, True, {"word": True}, [5], [None], [["word"]]], ids=repr)
def test_granularities_of_another_type_are_200_or_400(case: Case, route: str, value: Any) -> None:
    wrong_type(case, route, "timestamp_granularities", value)


def wrong_type(case: Case, route: str, field: str, value: Any) -> None:
    changes: dict[str, Any] = {field: value}
    exchange = ask(case, route, "json", **changes)
    case.judge(case.answered(exchange, "taken-or-refused", because=f"{route} with {field}: {value!r}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.optional-null")
@pytest.mark.parametrize("field", ["language", "prompt", "response_format", "temperature", "timestamp_granularities"])
def test_an_optional_field_of_null_is_200_or_400(case: Case, route: str, field: str) -> None:
    wrong_type(case, route, field, None)


@each("route, form", TRANSCRIPTS, "{route}.response-format.unknown")
@pytest.mark.parametrize("name", ["docx", "JSON", "verbose-json", "", "json "])
def test_an_unknown_response_format_is_200_or_400(case: Case, route: str, form: str, name: str) -> None:
    exchange = ask(case, route, form, response_format=name)
    case.judge(
        case.answered(
            exchange,
            "taken-or-refused",
            because=f"{route} ({form}) with response_format {name!r}",
        )
    )


@each("route, form", TRANSCRIPTS, "{route}.extra-field.ignored")
@pytest.mark.parametrize("value", ["x", "5"])
def test_an_unknown_field_is_ignored(case: Case, route: str, form: str, value: str) -> None:
    exchange = ask(case, route, form, x_conformance=value)
    case.judge(*served(case, exchange, f"{route} ({form}) with an unknown field"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.extra-field.survived")
@pytest.mark.parametrize("value", [None, {"deep": [1]}, ["a", "b"], True], ids=repr)
def test_an_unknown_json_field_is_no_server_error(case: Case, route: str, value: Any) -> None:
    exchange = ask(case, route, "json", x_conformance=value)
    case.judge(case.answered(exchange, "not-server-error", because=f"{route} with an unknown field of {value!r}"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.extra-field.survived")
@pytest.mark.parametrize("kind", ["file", "list", "object"])
def test_an_unknown_form_field_is_no_server_error(case: Case, route: str, kind: str) -> None:
    extra: dict[str, list[Field]] = {
        "file": [("x_conformance", Upload(b"not asked for", "extra.bin", "application/octet-stream"))],
        "list": [("x_conformance[]", "a"), ("x_conformance[]", "b")],
        "object": [("x_conformance[deep][er]", "a")],
    }
    body = multipart_body([("model", case.transcription_model), *extra[kind], ("file", case.upload())])
    exchange = case.post(route, body)
    case.judge(
        case.answered(
            exchange,
            "not-server-error",
            because=f"{route} (multipart) with an unknown {kind} field",
        )
    )


@each("route, form", TRANSCRIPTS, "{route}.not-audio.not-served")
def test_what_is_no_audio_is_not_served(case: Case, route: str, form: str) -> None:
    """The provider refuses it; words that come all the same were made up by the gateway."""
    upload = Upload(f"{case.marker}, which is no audio".encode() * 20, f"{case.marker}.wav")
    exchange = ask(case, route, form, upload=upload)
    case.judge(case.answered(exchange, "not-success", because=f"{route} ({form}) of a file that is no audio"))

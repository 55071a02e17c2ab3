"""The client gets what the provider gave: its text, its documents, its details, as they were (needs the mock)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import TRANSCRIPT_ENCODINGS, TRANSCRIPT_OPERATIONS, TRANSCRIPTS, ask
from conformance.drive.scripts import (
    asked_of_provider,
    differences,
    json_response,
    long_document,
    scripted_response,
    verbose_document,
)
from conformance.http.bodies import Upload
from conformance.judge.client.headers import ids_unique
from conformance.judge.client.transcripts import (
    is_transcript,
    provider_document,
    request_id_of,
    text_is,
)
from conformance.samples.texts import DOCUMENTS, LONG_DOCUMENTS, LONG_TEXT, TEXTS

SECONDS = 2.5


@each("route, form", TRANSCRIPTS, "{route}.text.exact")
@pytest.mark.parametrize("kind", TEXTS)
def test_the_text_is_the_providers(case: Case, route: str, form: str, kind: str) -> None:
    text_comes_exactly(case, route, form, TEXTS[kind])


@each("route", TRANSCRIPT_OPERATIONS, "{route}.text.escaped")
@pytest.mark.parametrize("kind", ["latin", "emoji", "controls", "composed-and-not"])
def test_escapes_in_the_providers_json_are_read(case: Case, route: str, kind: str) -> None:
    text_comes_exactly(case, route, "multipart", TEXTS[kind], ensure_ascii=True)


@each("route", TRANSCRIPT_OPERATIONS, "{route}.text.long")
def test_a_long_text_comes_whole(case: Case, route: str) -> None:
    text_comes_exactly(case, route, "multipart", LONG_TEXT)


def text_comes_exactly(case: Case, route: str, form: str, text: str, *, ensure_ascii: bool = False) -> None:
    because = f"{route} ({form}) of the text {text[:30]!a}"
    upload = case.upload()
    with scripted_response(case, route, upload, json_response({"text": text}, ensure_ascii=ensure_ascii)):
        exchange = ask(case, route, form, upload=upload)
    asked_of_provider(case, exchange, upload, "json", "verbose_json")
    shape = case.contract.transcript()
    wrong = case.answered(exchange, "served", because=because) or is_transcript(exchange, shape, because=because)
    case.judge(wrong or text_is(exchange, text, shape, because=because))


@decides("transcriptions.text.round-trip")
@pytest.mark.parametrize(
    "kind", ["latin", "right-to-left", "east-asian", "emoji", "composed-and-not", "spaces", "quotes"]
)
@pytest.mark.parametrize("form", TRANSCRIPT_ENCODINGS)
def test_what_was_synthesized_is_transcribed(case: Case, kind: str, form: str) -> None:
    """Text to speech and back, both through the gateway: the mock transcribes exactly what it synthesized."""
    text = f"{case.marker} {TEXTS[kind]}"
    speech = case.succeeded(ask(case, "speech", input=text, response_format="wav"))
    data = speech.answer.body if speech.answer else b""
    exchange = case.succeeded(ask(case, "transcriptions", form, upload=Upload(data, f"{case.marker}.wav")))
    because = f"{kind} text, synthesized and transcribed again ({form})"
    case.judge(text_is(exchange, text, case.contract.transcript(), because=because))


@each(
    "name, route, form",
    product(DOCUMENTS, TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS),
    "{route}.document-exact.{name}",
)
def test_the_document_is_the_providers(case: Case, name: str, route: str, form: str) -> None:
    upload = case.upload(SECONDS)
    exchange = case.succeeded(ask(case, route, form, upload=upload, response_format=name))
    call = asked_of_provider(case, exchange, upload, name)
    case.judge(
        text_is(exchange, call.response_text, case.contract.transcript(name), because=f"{route} ({form}) in {name}")
    )


@each("name, route", product(DOCUMENTS, TRANSCRIPT_OPERATIONS), "{route}.document-exact.{name}")
def test_an_odd_document_is_the_providers(case: Case, name: str, route: str) -> None:
    upload, document = case.upload(), DOCUMENTS[name]
    act = {"content_type": "text/plain; charset=utf-8", "body": {"text": document}}
    with scripted_response(case, route, upload, act):
        exchange = ask(case, route, upload=upload, response_format=name)
    asked_of_provider(case, exchange, upload, name)
    because = f"{route} in {name}, with blanks and line ends of every kind"
    case.judge(
        case.answered(exchange, "served", because=because)
        or text_is(exchange, document, case.contract.transcript(name), because=because)
    )


# Without any granularity a provider gives segments.
GRANULARITIES: dict[str, list[str]] = {"segments": [], "words": ["word"], "both": ["segment", "word"]}
KINDS = {"segments": ("segments",), "words": ("words",), "both": ("segments", "words")}


@each("route, form", TRANSCRIPTS, "{route}.verbose.exact")
@pytest.mark.parametrize("source", ["ordinary", "odd"])
def test_segments_are_the_providers(case: Case, route: str, form: str, source: str) -> None:
    exact(case, route, form, source, "segments")


@each("form, kind", product(TRANSCRIPT_ENCODINGS, ("words", "both")), "transcriptions.verbose.exact")
@pytest.mark.parametrize("source", ["ordinary", "odd"])
def test_words_are_the_providers(case: Case, form: str, kind: str, source: str) -> None:
    exact(case, "transcriptions", form, source, kind)


@each("route, form", TRANSCRIPTS, "{route}.verbose.long")
def test_many_segments_come_whole(case: Case, route: str, form: str) -> None:
    """Hours of speech: more than a hundred thousand bytes of text, and the same again in details."""
    upload, details = case.upload(), case.contract.operations[route].details
    document = long_document(details)
    asked: dict[str, Any] = {"timestamp_granularities": ["segment", "word"]} if "words" in details else {}
    with scripted_response(case, route, upload, json_response(document)):
        exchange = ask(case, route, form, upload=upload, response_format="verbose_json", **asked)
    call = asked_of_provider(case, exchange, upload, "verbose_json")
    because, shape = f"{route} ({form}) in verbose_json of hours", case.contract.transcript("verbose_json")
    wrong = case.answered(exchange, "served", because=because) or is_transcript(exchange, shape, because=because)
    case.judge(*((wrong,) if wrong else differences(exchange, document, call, details, shape=shape, because=because)))


@each("name, route", product(DOCUMENTS, TRANSCRIPT_OPERATIONS), "{route}.document-exact.{name}")
def test_a_long_document_is_the_providers(case: Case, name: str, route: str) -> None:
    upload, document = case.upload(), LONG_DOCUMENTS[name]
    act = {"content_type": "text/plain; charset=utf-8", "body": {"text": document}}
    with scripted_response(case, route, upload, act):
        exchange = ask(case, route, upload=upload, response_format=name)
    asked_of_provider(case, exchange, upload, name)
    because, shape = f"{route} in {name} of hours", case.contract.transcript(name)
    case.judge(
        case.answered(exchange, "served", because=because) or text_is(exchange, document, shape, because=because)
    )


def exact(case: Case, route: str, form: str, source: str, kind: str) -> None:
    upload, asked = case.upload(SECONDS), GRANULARITIES[kind]
    fields: dict[str, Any] = {"timestamp_granularities": asked} if asked else {}
    document = verbose_document(KINDS[kind])
    act = json_response(document) if source == "odd" else {}
    with scripted_response(case, route, upload, act):
        exchange = ask(case, route, form, upload=upload, response_format="verbose_json", **fields)
    call = asked_of_provider(case, exchange, upload, "verbose_json")
    provided = document if source == "odd" else provider_document(call)
    because = f"{route} ({form}) in verbose_json, {kind} of an {source} answer"
    shape = case.contract.transcript("verbose_json")
    wrong = case.answered(exchange, "served", because=because) or is_transcript(exchange, shape, because=because)
    case.judge(
        *((wrong,) if wrong else differences(exchange, provided, call, KINDS[kind], shape=shape, because=because))
    )


@each("route", TRANSCRIPT_OPERATIONS, "{route}.request-id.own")
def test_the_request_id_is_the_gateways_own(case: Case, route: str) -> None:
    """A provider whose answers carry a request_id of their own, always the same: ids must stay unique."""
    exchanges = []
    upload = case.upload()
    with scripted_response(
        case, route, upload, json_response({"text": "So be it.", "request_id": "req_of_the_provider"})
    ):
        exchanges = [case.succeeded(ask(case, route, upload=upload)) for _ in range(2)]
    asked_of_provider(case, exchanges[-1], upload, "json", "verbose_json")
    ids = [request_id_of(exchange, case.contract.transcript()) for exchange in exchanges]
    case.judge(ids_unique(exchanges, ids, "the id in the transcript"))

"""What the provider said is what the client gets: its text, its documents, its details, as they were (needs the mock)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import TRANSCRIPT_ENCODINGS, TRANSCRIPT_OPERATIONS, TRANSCRIPTS, ask
from conformance.drive.scripts import answering, asked_of_provider, differences, saying, verbose_document
from conformance.http.bodies import Upload
from conformance.judge.client.headers import ids_unique
from conformance.judge.client.statuses import status_is
from conformance.judge.client.transcripts import (
    is_object,
    provider_document,
    request_id_of,
    text_is,
)
from conformance.samples.texts import DOCUMENTS, LONG_TEXT, TEXTS

SECONDS = 2.5


@each("route, form", TRANSCRIPTS, "{route}.text.exact")
@pytest.mark.parametrize("kind", TEXTS)
def test_the_text_is_what_the_provider_said(case: Case, route: str, form: str, kind: str) -> None:
    said_and_got(case, route, form, TEXTS[kind])


@each("route", TRANSCRIPT_OPERATIONS, "{route}.text.escaped")
@pytest.mark.parametrize("kind", ["latin", "emoji", "controls", "composed-and-not"])
def test_escapes_in_the_providers_json_are_read(case: Case, route: str, kind: str) -> None:
    said_and_got(case, route, "multipart", TEXTS[kind], ensure_ascii=True)


@each("route", TRANSCRIPT_OPERATIONS, "{route}.text.long")
def test_a_long_text_comes_whole(case: Case, route: str) -> None:
    said_and_got(case, route, "multipart", LONG_TEXT)


def said_and_got(case: Case, route: str, form: str, text: str, *, ensure_ascii: bool = False) -> None:
    because = f"{route} ({form}) of the text {text[:30]!a}"
    upload = case.upload()
    with saying(case, route, upload, answering({"text": text}, ensure_ascii=ensure_ascii)):
        exchange = ask(case, route, form, upload=upload)
    asked_of_provider(case, exchange, upload, "json", "verbose_json")
    wrong = status_is(exchange, 200, because=because) or is_object(exchange, because=because)
    case.judge(wrong or text_is(exchange, text, because=because))


@decides("transcriptions.text.round-trip")
@pytest.mark.parametrize(
    "kind", ["latin", "right-to-left", "east-asian", "emoji", "composed-and-not", "spaces", "quotes"]
)
@pytest.mark.parametrize("form", TRANSCRIPT_ENCODINGS)
def test_what_was_spoken_is_heard(case: Case, kind: str, form: str) -> None:
    """Text to speech and back, both through the gateway: the mock hears exactly what it said."""
    text = f"{case.marker} {TEXTS[kind]}"
    spoken = case.succeeded(ask(case, "speech", input=text, response_format="wav"))
    data = spoken.answer.body if spoken.answer else b""
    heard = case.succeeded(ask(case, "transcriptions", form, upload=Upload(data, f"{case.marker}.wav")))
    case.judge(text_is(heard, text, because=f"{kind} text, spoken and heard again ({form})"))


@each(
    "name, route, form",
    product(DOCUMENTS, TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS),
    "{route}.document-exact.{name}",
)
def test_the_document_is_the_providers(case: Case, name: str, route: str, form: str) -> None:
    upload = case.upload(SECONDS)
    exchange = case.succeeded(ask(case, route, form, upload=upload, response_format=name))
    call = asked_of_provider(case, exchange, upload, name)
    said = (call.get("answer") or {}).get("text") or ""
    case.judge(text_is(exchange, said, because=f"{route} ({form}) in {name}"))


@each("name, route", product(DOCUMENTS, TRANSCRIPT_OPERATIONS), "{route}.document-exact.{name}")
def test_an_odd_document_is_the_providers(case: Case, name: str, route: str) -> None:
    upload, said = case.upload(), DOCUMENTS[name]
    act = {"content_type": "text/plain; charset=utf-8", "body": {"text": said}}
    with saying(case, route, upload, act):
        exchange = ask(case, route, upload=upload, response_format=name)
    asked_of_provider(case, exchange, upload, name)
    because = f"{route} in {name}, with blanks and line ends of every kind"
    case.judge(status_is(exchange, 200, because=because) or text_is(exchange, said, because=because))


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


def exact(case: Case, route: str, form: str, source: str, kind: str) -> None:
    upload, asked = case.upload(SECONDS), GRANULARITIES[kind]
    fields: dict[str, Any] = {"timestamp_granularities": asked} if asked else {}
    document = verbose_document(KINDS[kind])
    act = answering(document) if source == "odd" else {"delay_s": 0}
    with saying(case, route, upload, act):
        exchange = ask(case, route, form, upload=upload, response_format="verbose_json", **fields)
    call = asked_of_provider(case, exchange, upload, "verbose_json")
    said = document if source == "odd" else provider_document(call)
    because = f"{route} ({form}) in verbose_json, {kind} of an {source} answer"
    wrong = status_is(exchange, 200, because=because) or is_object(exchange, because=because)
    case.judge(*((wrong,) if wrong else differences(exchange, said, call, KINDS[kind], because)))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.request-id.own")
def test_the_request_id_is_the_gateways_own(case: Case, route: str) -> None:
    """A provider whose answers carry a request_id of their own, always the same: ids must stay unique."""
    exchanges = []
    upload = case.upload()
    with saying(case, route, upload, answering({"text": "So be it.", "request_id": "req_of_the_provider"})):
        exchanges = [case.succeeded(ask(case, route, upload=upload)) for _ in range(2)]
    asked_of_provider(case, exchanges[-1], upload, "json", "verbose_json")
    case.judge(ids_unique(exchanges, [request_id_of(exchange) for exchange in exchanges], "request_id"))

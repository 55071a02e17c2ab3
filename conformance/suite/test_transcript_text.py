"""What the provider said is what the client gets: its text, its documents, its details, as they were (needs the mock)."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from itertools import product
from typing import Any

import pytest

from conformance.bodies import Upload
from conformance.case import FORMS, OPERATIONS, TRANSCRIPT_ROUTES, Case
from conformance.exchange import Exchange, Finding
from conformance.judge.details import details_equal, duration_equals
from conformance.judge.headers import ids_unique
from conformance.judge.statuses import status_is
from conformance.judge.transcripts import (
    is_object,
    provider_document,
    request_id_of,
    text_is,
)
from conformance.outcomes import Blocked
from conformance.provider import Call
from conformance.suite.marks import decides, each
from conformance.suite.texts import DOCUMENTS, LONG_TEXT, TEXTS

ROUTES_AND_FORMS = tuple(product(TRANSCRIPT_ROUTES, FORMS))
SECONDS = 2.5


def saying(case: Case, route: str, upload: Upload, act: dict[str, Any]) -> AbstractContextManager[None]:
    """While inside, the provider answers for this upload as told."""
    return case.provider.scripted({"operation": OPERATIONS[route], "sha256": upload.digest}, act)


def answering(document: dict[str, Any], *, ensure_ascii: bool = False) -> dict[str, Any]:
    """A provider's JSON answer, written out here so that its bytes are known: raw UTF-8, or escapes."""
    body = json.dumps(document, ensure_ascii=ensure_ascii)
    return {"content_type": "application/json", "body": {"text": body}}


def asked_of_provider(case: Case, exchange: Exchange, upload: Upload, *fitting: str) -> Call:
    """The provider's call, if the gateway asked for a format that the scripted answer is in.

    Raises Blocked otherwise: a gateway may ask for any format that gives it what it needs.
    """
    calls = case.calls(upload)
    if not calls:
        raise Blocked("the provider saw no call of this case; is the gateway routed to the mock?", exchange)
    asked = next((value for name, value in calls[-1]["fields"] if name == "response_format"), "json")
    if asked not in fitting:
        raise Blocked(f"the gateway asks its provider for {asked}, not for {' or '.join(fitting)}", exchange)
    return calls[-1]


@each("route, form", ROUTES_AND_FORMS, "{route}.text.exact")
@pytest.mark.parametrize("kind", TEXTS)
def test_the_text_is_what_the_provider_said(case: Case, route: str, form: str, kind: str) -> None:
    said_and_got(case, route, form, TEXTS[kind])


@each("route", TRANSCRIPT_ROUTES, "{route}.text.escaped")
@pytest.mark.parametrize("kind", ["latin", "emoji", "controls", "composed-and-not"])
def test_escapes_in_the_providers_json_are_read(case: Case, route: str, kind: str) -> None:
    said_and_got(case, route, "multipart", TEXTS[kind], ensure_ascii=True)


@each("route", TRANSCRIPT_ROUTES, "{route}.text.long")
def test_a_long_text_comes_whole(case: Case, route: str) -> None:
    said_and_got(case, route, "multipart", LONG_TEXT)


def said_and_got(case: Case, route: str, form: str, text: str, *, ensure_ascii: bool = False) -> None:
    because = f"{route} ({form}) of the text {text[:30]!a}"
    upload = case.upload()
    with saying(case, route, upload, answering({"text": text}, ensure_ascii=ensure_ascii)):
        exchange = case.transcribe(route, form, upload=upload)
    asked_of_provider(case, exchange, upload, "json", "verbose_json")
    wrong = status_is(exchange, 200, because=because) or is_object(exchange, because=because)
    case.judge(wrong or text_is(exchange, text, because=because))


@decides("transcriptions.text.round-trip")
@pytest.mark.parametrize(
    "kind", ["latin", "right-to-left", "east-asian", "emoji", "composed-and-not", "spaces", "quotes"]
)
@pytest.mark.parametrize("form", FORMS)
def test_what_was_spoken_is_heard(case: Case, kind: str, form: str) -> None:
    """Text to speech and back, both through the gateway: the mock hears exactly what it said."""
    text = f"{case.marker} {TEXTS[kind]}"
    spoken = case.succeeded(case.speak(input=text, response_format="wav"))
    data = spoken.answer.body if spoken.answer else b""
    heard = case.succeeded(case.transcribe(form=form, upload=Upload(data, f"{case.marker}.wav")))
    case.judge(text_is(heard, text, because=f"{kind} text, spoken and heard again ({form})"))


@each("name, route, form", product(DOCUMENTS, TRANSCRIPT_ROUTES, FORMS), "{route}.document-exact.{name}")
def test_the_document_is_the_providers(case: Case, name: str, route: str, form: str) -> None:
    upload = case.upload(SECONDS)
    exchange = case.succeeded(case.transcribe(route, form, upload=upload, response_format=name))
    call = asked_of_provider(case, exchange, upload, name)
    said = (call.get("answer") or {}).get("text") or ""
    case.judge(text_is(exchange, said, because=f"{route} ({form}) in {name}"))


@each("name, route", product(DOCUMENTS, TRANSCRIPT_ROUTES), "{route}.document-exact.{name}")
def test_an_odd_document_is_the_providers(case: Case, name: str, route: str) -> None:
    upload, said = case.upload(), DOCUMENTS[name]
    act = {"content_type": "text/plain; charset=utf-8", "body": {"text": said}}
    with saying(case, route, upload, act):
        exchange = case.transcribe(route, upload=upload, response_format=name)
    asked_of_provider(case, exchange, upload, name)
    because = f"{route} in {name}, with blanks and line ends of every kind"
    case.judge(status_is(exchange, 200, because=because) or text_is(exchange, said, because=because))


def verbose_document(kinds: tuple[str, ...]) -> dict[str, Any]:
    """Details as a provider may give them: whole-number times, many digits, repeated words, more than one page of them."""
    words = [{"word": f"wörd{n % 3}", "start": n * 0.1, "end": n * 0.1 + 0.05} for n in range(60)]
    segments = [
        {"id": n, "seek": 0, "start": n, "end": n + 0.987654, "text": f" Segment {n} 🦊 ", "tokens": [1, 2],
         "temperature": 0.0, "avg_logprob": -0.25, "compression_ratio": 1.5, "no_speech_prob": 0.0125}
        for n in range(12)
    ]  # fmt: skip
    details = {"segments": segments, "words": words}
    head = {"task": "transcribe", "language": "english", "duration": 11.987654, "text": "All of it."}
    return head | {kind: details[kind] for kind in kinds}


# Without any granularity a provider gives segments.
GRANULARITIES: dict[str, list[str]] = {"segments": [], "words": ["word"], "both": ["segment", "word"]}
KINDS = {"segments": ("segments",), "words": ("words",), "both": ("segments", "words")}


@each("route, form", ROUTES_AND_FORMS, "{route}.verbose.exact")
@pytest.mark.parametrize("source", ["ordinary", "odd"])
def test_segments_are_the_providers(case: Case, route: str, form: str, source: str) -> None:
    exact(case, route, form, source, "segments")


@each("form, kind", product(FORMS, ("words", "both")), "transcriptions.verbose.exact")
@pytest.mark.parametrize("source", ["ordinary", "odd"])
def test_words_are_the_providers(case: Case, form: str, kind: str, source: str) -> None:
    exact(case, "transcriptions", form, source, kind)


def exact(case: Case, route: str, form: str, source: str, kind: str) -> None:
    upload, asked = case.upload(SECONDS), GRANULARITIES[kind]
    fields: dict[str, Any] = {"timestamp_granularities": asked} if asked else {}
    document = verbose_document(KINDS[kind])
    act = answering(document) if source == "odd" else {}
    with saying(case, route, upload, act):
        exchange = case.transcribe(route, form, upload=upload, response_format="verbose_json", **fields)
    call = asked_of_provider(case, exchange, upload, "verbose_json")
    said = document if source == "odd" else provider_document(call)
    because = f"{route} ({form}) in verbose_json, {kind} of an {source} answer"
    wrong = status_is(exchange, 200, because=because) or is_object(exchange, because=because)
    case.judge(*((wrong,) if wrong else differences(exchange, said, call, KINDS[kind], because)))


def differences(
    exchange: Exchange, said: dict[str, Any], call: Call, kinds: tuple[str, ...], because: str
) -> tuple[Finding | None, ...]:
    if not all(said.get(kind) for kind in kinds):
        raise Blocked(f"the provider gave no {' and '.join(kinds)}: was it asked for them?", exchange)
    return (
        text_is(exchange, said["text"], because=because),
        duration_equals(exchange, said.get("duration"), call, because=because),
        *(details_equal(exchange, kind, said[kind], call, because=because) for kind in kinds),
    )


@each("route", TRANSCRIPT_ROUTES, "{route}.request-id.own")
def test_the_request_id_is_the_gateways_own(case: Case, route: str) -> None:
    """A provider whose answers carry a request_id of their own, always the same: ids must stay unique."""
    exchanges = []
    upload = case.upload()
    with saying(case, route, upload, answering({"text": "So be it.", "request_id": "req_of_the_provider"})):
        exchanges = [case.succeeded(case.transcribe(route, upload=upload)) for _ in range(2)]
    asked_of_provider(case, exchanges[-1], upload, "json", "verbose_json")
    case.judge(ids_unique(exchanges, [request_id_of(exchange) for exchange in exchanges], "request_id"))

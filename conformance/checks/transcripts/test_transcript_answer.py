"""Answers of the transcript routes: the JSON object in every format, its ids, its text, its details."""

from __future__ import annotations

import math
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from conformance.audio.samples import CONTAINERS, encode, speech_like_samples
from conformance.audio.writing import filled_up
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import (
    TRANSCRIPT_ENCODINGS,
    TRANSCRIPT_OPERATIONS,
    TRANSCRIPTS,
    ask,
    other_token,
    valid_body,
)
from conformance.errors import NotVerified
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.details import has_details, has_duration
from conformance.judge.client.headers import ids_unique, request_id_present
from conformance.judge.client.subtitles import looks_like
from conformance.judge.client.transcripts import (
    has_request_id,
    is_transcript,
    request_id_in_header,
    request_id_of,
    text_is,
    text_of,
)
from conformance.judge.upstream.upload import upload_arrived
from conformance.target import TRANSCRIPT_FORMATS

DOCUMENTS = ("text", "srt", "vtt")
SECONDS = 2.0

# What each granularity must bring.
DETAILS = {"segment": ("segments",), "word": ("words",), "both": ("segments", "words"), "none": ("segments",)}
ASKED: dict[str, list[str]] = {"segment": ["segment"], "word": ["word"], "both": ["word", "segment"], "none": []}


def in_format(case: Case, route: str, form: str, name: str, **fields: Any) -> Exchange:
    """A transcript asked in one format. Raises NotVerified where the provider behind may not have it (see rulings).

    Where it is known by its media type, an answer under another shows no more than a refusal does.
    """
    exchange = ask(case, route, form, upload=case.upload(SECONDS), response_format=name, **fields)
    known = case.mock is not None or name in case.target.expect.transcript_formats or name == "json"
    shape = case.contract.transcript(name)
    shown = case.is_served(exchange) and (shape.kind == "object" or _is_under(exchange, shape.media_types))
    if not known and not shown:
        raise NotVerified(f"declare expect.transcript_formats: whether the provider behind has {name}", exchange)
    return exchange


def _is_under(exchange: Exchange, media_types: Collection[str]) -> bool:
    return exchange.answer is not None and exchange.answer.media_type in media_types


def transcript(case: Case, exchange: Exchange, because: str, name: str | None = None) -> tuple[Finding | None, ...]:
    """Findings of an answer that must be a transcript in the format `name`, with its request id."""
    shape = case.contract.transcript(name)
    wrong = case.answered(exchange, "served", because=because)
    wrong = wrong or is_transcript(exchange, shape, because=because)
    return (wrong or has_request_id(exchange, shape, because=because),)


@each("route, form", TRANSCRIPTS, "{route}.answer.default")
def test_a_transcript_is_a_json_object(case: Case, route: str, form: str) -> None:
    case.judge(*transcript(case, ask(case, route, form), f"{route} ({form}) without response_format"))


@each(
    "name, route, form",
    product(TRANSCRIPT_FORMATS, TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS),
    "{route}.answer.{name}",
)
def test_a_transcript_is_a_json_object_in_every_format(case: Case, name: str, route: str, form: str) -> None:
    exchange = in_format(case, route, form, name)
    case.judge(*transcript(case, exchange, f"{route} ({form}) with response_format {name}", name))


@each("name, route, form", product(DOCUMENTS, TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS), "{route}.document.{name}")
def test_the_document_stands_under_text(case: Case, name: str, route: str, form: str) -> None:
    exchange = known_format(case, route, form, name)
    because = f"{route} ({form}) with response_format {name}"
    case.judge(looks_like(exchange, name, case.contract.transcript(name), because=because))


def known_format(case: Case, route: str, form: str, name: str, **fields: Any) -> Exchange:
    """A transcript in a format that the provider behind is known to have. Raises NotVerified where it is not."""
    if case.mock is None and name not in case.target.expect.transcript_formats:
        raise NotVerified(f"declare expect.transcript_formats: whether the provider behind has {name}")
    return case.succeeded(in_format(case, route, form, name, **fields))


@each("asked, form", product(DETAILS, TRANSCRIPT_ENCODINGS), "transcriptions.verbose.{asked}")
def test_verbose_json_has_the_details_asked_for(case: Case, asked: str, form: str) -> None:
    detailed(case, "transcriptions", form, asked)


@each("form", TRANSCRIPT_ENCODINGS, "translations.verbose.segments")
def test_verbose_json_of_a_translation_has_segments(case: Case, form: str) -> None:
    detailed(case, "translations", form, "none")


def detailed(case: Case, route: str, form: str, asked: str) -> None:
    shape = case.contract.transcript("verbose_json")
    fields: dict[str, Any] = {"timestamp_granularities": ASKED[asked]} if ASKED[asked] else {}
    exchange = known_format(case, route, form, "verbose_json", **fields)
    if case.mock is None and not (text_of(exchange, shape) or "").strip():
        raise NotVerified("declare mock_provider: the provider transcribed nothing of the suite's own audio", exchange)
    because = f"{route} ({form}) in verbose_json with granularities {ASKED[asked] or 'not given'}"
    case.judge(*(has_details(exchange, kind, shape, because=because) for kind in DETAILS[asked]))


@each("route, form", TRANSCRIPTS, "{route}.verbose.duration")
def test_verbose_json_has_the_duration(case: Case, route: str, form: str) -> None:
    exchange = known_format(case, route, form, "verbose_json")
    case.judge(has_duration(exchange, heard_s=SECONDS, because=f"{route} ({form}) in verbose_json"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.request-id.unique")
def test_no_two_transcripts_share_a_request_id(case: Case, route: str) -> None:
    """The same bytes again and again, of another token too, one after another and at a time: a copied answer shows."""
    bodies = [valid_body(case, route, form) for form in TRANSCRIPT_ENCODINGS]
    with ThreadPoolExecutor(2) as pool:
        together = [pool.submit(case.post, route, body) for body in bodies]
        exchanges = [case.post(route, body) for body in bodies] + [future.result() for future in together]
    if token := other_token(case, route):
        others = [case.send(case.request(route, body, token=token)) for body in bodies]
        # A token that may not use the model shows nothing.
        exchanges += [exchange for exchange in others if case.is_served(exchange)]
    ids = [request_id_of(case.succeeded(exchange), case.contract.transcript()) for exchange in exchanges]
    case.judge(ids_unique(exchanges, ids, "the id in the transcript"))


@each("route, form", TRANSCRIPTS, "{route}.request-id.header")
def test_a_transcript_has_its_id_in_a_header_too(case: Case, route: str, form: str) -> None:
    case.judge(request_id_present(case.succeeded(ask(case, route, form)), case.contract.names.request_id_header))


@each("route, form", TRANSCRIPTS, "{route}.request-id.same")
def test_both_ids_are_the_same(case: Case, route: str, form: str) -> None:
    exchange = case.succeeded(ask(case, route, form))
    case.judge(request_id_in_header(exchange, case.contract.transcript(), case.contract.names.request_id_header))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.forms-agree")
@pytest.mark.parametrize("name", ["json", "verbose_json"])
def test_both_forms_lead_to_the_same_transcript(case: Case, route: str, name: str) -> None:
    """The provider hears the same in the same bytes, so any difference was made on the way."""
    multipart, json_form = (case.succeeded(in_format(case, route, form, name)) for form in TRANSCRIPT_ENCODINGS)
    shape = case.contract.transcript(name)
    text = text_of(multipart, shape)
    because = f"{route} ({name}) of the same audio in both forms"
    wrong = Finding(f"{because}: no text", "text", multipart.got, (multipart,)) if text is None else None
    case.judge(wrong or text_is(json_form, text or "", shape, because=because))


@each(
    "container, route, form",
    product(CONTAINERS, TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS),
    "{route}.container.{container}",
)
def test_audio_in_any_container_is_heard(case: Case, container: str, route: str, form: str) -> None:
    data = encode(speech_like_samples(case.marker, SECONDS), container)
    upload = Upload(data, f"{case.marker}.{container}", CONTAINERS[container].media_type)
    exchange = ask(case, route, form, upload=upload)
    case.judge(*transcript(case, exchange, f"{route} ({form}) of audio in {container}"))


@each("route, form", TRANSCRIPTS, "{route}.upload.size")
@pytest.mark.parametrize("megabytes", [0.2, 1.3, 3.0])
def test_an_upload_of_some_megabytes_is_heard(case: Case, route: str, form: str, megabytes: float) -> None:
    """Past the sizes at which parsers start to spool to disk and body readers stop."""
    upload = large_upload(case, math.ceil(min(megabytes, most_megabytes(case)) * 1024 * 1024))
    exchange = ask(case, route, form, upload=upload)
    if exchange.status in case.contract.statuses("body-too-large") and not case.target.max_upload_mb:
        raise NotVerified("declare max_upload_mb: whether the gateway takes an upload of this size", exchange)
    because = f"{route} ({form}) of a wav of {len(upload.data)} bytes"
    calls = case.calls(upload)
    case.judge(*transcript(case, exchange, because), upload_arrived(exchange, calls, upload))


def most_megabytes(case: Case) -> float:
    """What surely fits below the declared limit, in whatever unit and with or without base64 the gateway counts."""
    return (case.target.max_upload_mb or math.inf) * 0.6


def large_upload(case: Case, size: int) -> Upload:
    """The case's wav, filled up: as quick to hear as any."""
    ours = case.upload(0.5)
    return replace(ours, data=filled_up(ours.data, size))

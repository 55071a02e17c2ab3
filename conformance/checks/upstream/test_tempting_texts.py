"""Texts that a gateway may think it should improve: they go through every operation, model and encoding unchanged."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OMIT, OPERATIONS_AND_ENCODINGS, TRANSCRIPT_ENCODINGS, TRANSCRIPTS
from conformance.drive.scripts import canned, match_of
from conformance.drive.tempting import AZURE, DEFAULT, SECOND, all_keys, texts_arrive, texts_come
from conformance.judge.upstream.comparison import items_of
from conformance.judge.upstream.fields import field_arrived, nothing_invented
from conformance.samples.tempting import LANGUAGE_TAGS, NAMELESS_TAGS
from conformance.target import TRANSCRIPT_FORMATS

_ANSWERS = [(*pair, name) for pair, name in product(TRANSCRIPTS, TRANSCRIPT_FORMATS)]


@each("route, form", OPERATIONS_AND_ENCODINGS, "provider.{route}.texts-untouched")
def test_a_text_reaches_the_provider_untouched(case: Case, route: str, form: str) -> None:
    texts_arrive(case, route, form, DEFAULT)


@each("route, form", OPERATIONS_AND_ENCODINGS, "routing.{route}.second-model-texts")
def test_a_text_reaches_a_second_model_untouched(case: Case, route: str, form: str) -> None:
    texts_arrive(case, route, form, SECOND)


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.texts")
def test_a_text_reaches_azure_untouched(case: Case, route: str, form: str) -> None:
    texts_arrive(case, route, form, AZURE)


@each("route, form, name", _ANSWERS, "{route}.text.untouched")
def test_a_text_reaches_the_client_untouched(case: Case, route: str, form: str, name: str) -> None:
    texts_come(case, route, form, DEFAULT, name)


@each("route, form, name", _ANSWERS, "routing.{route}.second-model-texts")
def test_a_text_of_a_second_model_reaches_the_client_untouched(case: Case, route: str, form: str, name: str) -> None:
    texts_come(case, route, form, SECOND, name)


@each("route, form, name", _ANSWERS, "azure.{route}.texts")
def test_a_text_of_azure_reaches_the_client_untouched(case: Case, route: str, form: str, name: str) -> None:
    texts_come(case, route, form, AZURE, name)


@each("form", TRANSCRIPT_ENCODINGS, "provider.transcriptions.language-tags")
@pytest.mark.parametrize("tag", LANGUAGE_TAGS)
def test_a_language_is_refused_or_arrives_as_it_was_sent(case: Case, form: str, tag: str) -> None:
    """Which languages there are is the provider's to say: another one in silence is a wrong transcript.

    A tag that names no language is no valid value: it may be left out, but not become another.
    """
    findings = []
    for key in all_keys(case, "transcriptions"):
        own = case.example()
        with own.provider.scripted(match_of(own, "transcriptions"), canned(own, "transcriptions")):
            exchange = ask_marked(own, "transcriptions", form, model=key, language=tag)
        if exchange.status not in case.contract.statuses("client-fault"):
            calls = seen(own, exchange)
            sent_on = [call for call in calls if tag not in NAMELESS_TAGS or any(items_of(call, "language"))]
            findings.append(field_arrived(exchange, sent_on, "language", tag))
    case.judge(*findings)


@each("route, form", TRANSCRIPTS, "provider.{route}.nothing-invented")
def test_no_language_and_no_prompt_of_the_gateways_own(case: Case, route: str, form: str) -> None:
    findings = []
    for key in all_keys(case, route):
        own = case.example()
        with own.provider.scripted(match_of(own, route), canned(own, route)):
            exchange = ask_marked(own, route, form, model=key, prompt=OMIT)
        because = f"{route} ({form}) of {key} without a language and a prompt"
        findings.append(nothing_invented(exchange, seen(own, exchange), ("language", "prompt"), because=because))
    case.judge(*findings)

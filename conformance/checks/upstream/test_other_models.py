"""Model keys beside the default one: Azure's, and the second of each capability. They are served no less than the first."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.audio import FORMATS
from conformance.drive.calls import ask_marked
from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.other_models import fields_in_full, speech_in_full, transcript_in_full
from conformance.drive.requests import (
    OMIT,
    OPERATIONS_AND_ENCODINGS,
    TRANSCRIPT_ENCODINGS,
    TRANSCRIPT_OPERATIONS,
    model_key,
)
from conformance.judge.client.headers import REQUEST_ID, header_of, ids_unique
from conformance.judge.client.transcripts import request_id_of
from conformance.target import TRANSCRIPT_FORMATS

_ASKED = [*FORMATS, OMIT]
_ANSWERS = list(product(TRANSCRIPT_OPERATIONS, TRANSCRIPT_ENCODINGS, TRANSCRIPT_FORMATS))


def _second(case: Case, route: str) -> str:
    return case.model_keys(case.contract.operations[route].capability)[1]


@decides("azure.speech.answer")
@pytest.mark.parametrize("wanted", _ASKED)
def test_audio_of_azure_comes_in_full(case: Case, wanted: Any) -> None:
    speech_in_full(case, model_key(case, "speech", "azure"), wanted)


@each("route, form, name", _ANSWERS, "azure.{route}.answer")
def test_a_transcript_of_azure_comes_in_full(case: Case, route: str, form: str, name: str) -> None:
    transcript_in_full(case, model_key(case, route, "azure"), route, form, name)


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.answer")
def test_no_two_answers_of_azure_share_an_id(case: Case, route: str, form: str) -> None:
    exchanges = [case.succeeded(ask_marked(case, route, form, face="azure")) for _ in range(2)]
    audio, shape = case.contract.operations[route].gives_audio, case.contract.transcript()
    ids = [header_of(exchange, REQUEST_ID) if audio else request_id_of(exchange, shape) for exchange in exchanges]
    case.judge(ids_unique(exchanges, ids, "the request's id"))


@decides("routing.speech.second-model-answer")
@pytest.mark.parametrize("wanted", _ASKED)
def test_audio_of_a_second_model_comes_in_full(case: Case, wanted: Any) -> None:
    speech_in_full(case, _second(case, "speech"), wanted)


@each("route, form, name", _ANSWERS, "routing.{route}.second-model-answer")
def test_a_transcript_of_a_second_model_comes_in_full(case: Case, route: str, form: str, name: str) -> None:
    transcript_in_full(case, _second(case, route), route, form, name)


@each("route, form", OPERATIONS_AND_ENCODINGS, "routing.{route}.second-model-fields")
def test_every_field_reaches_a_second_model(case: Case, route: str, form: str) -> None:
    fields_in_full(case, _second(case, route), route, form)

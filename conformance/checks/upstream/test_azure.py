"""Azure: reached by deployment, on Azure's wire, and not at all where the cluster has no deployment."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.drive.calls import ask_marked, seen
from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, TRANSCRIPTS, model_key
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Exchange
from conformance.judge.upstream.fields import (
    GRANULARITIES,
    field_withheld,
    fields_arrived,
    only_valid_format,
)
from conformance.judge.upstream.routing import azure_wire, reached_deployment, reached_operation, served_by_none
from conformance.judge.upstream.upload import upload_arrived


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.served")
def test_an_azure_model_is_served(case: Case, route: str, form: str) -> None:
    exchange = ask_marked(case, route, form, face="azure")
    case.judge(case.answered(exchange, "served", because=f"{route} ({form}) for an Azure model"))


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.deployment")
def test_the_mapped_deployment_is_called(case: Case, route: str, form: str) -> None:
    key = model_key(case, route, "azure")
    operation = case.contract.operations[route].operation
    deployment = case.target.expect.deployment(key, operation)
    if deployment is None:
        raise NotVerified(f"declare expect.deployments.{key}: the deployment that {route} of the model key {key} go to")
    exchange = ask_marked(case, route, form, face="azure")
    calls = seen(case, exchange)
    case.judge(reached_deployment(exchange, calls, deployment), reached_operation(exchange, calls, operation))


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.wire")
def test_the_call_is_on_azures_wire(case: Case, route: str, form: str) -> None:
    exchange = ask_marked(case, route, form, face="azure")
    case.judge(azure_wire(exchange, seen(case, exchange), case.contract.operations[route].operation))


_SPEECH_FIELDS: dict[str, Any] = {
    "voice": "nova",
    "response_format": "flac",
    "speed": 1.25,
    "instructions": "Ruhig, «so», bitte.",
}
_TRANSCRIPT_FIELDS: dict[str, dict[str, Any]] = {
    "transcriptions": {"language": "de", "temperature": 0.4, GRANULARITIES: ["word", "segment"]},
    "translations": {"temperature": 0},
}


@decides("azure.speech.fields")
def test_every_field_of_speech_reaches_azure(case: Case) -> None:
    sent = {"input": case.sentences, **_SPEECH_FIELDS}
    exchange = ask_marked(case, "speech", "json", face="azure", **sent)
    case.judge(*fields_arrived(exchange, seen(case, exchange), sent))


@decides("azure.speech.invalid-format")
@pytest.mark.parametrize("value", ["ogg", "MP3", 7])
def test_no_invalid_format_reaches_azure(case: Case, value: Any) -> None:
    exchange = ask_marked(case, "speech", "json", face="azure", response_format=value)
    wrong = case.answered(exchange, "served", because=f"speech of an Azure model with response_format: {value!r}")
    case.judge(wrong or only_valid_format(exchange, seen(case, exchange)))


@each("route, form", TRANSCRIPTS, "azure.{route}.fields")
def test_every_field_of_a_transcript_reaches_azure(case: Case, route: str, form: str) -> None:
    sent = {"prompt": f"{case.marker} «Ренар», 狐 🦊", **_TRANSCRIPT_FIELDS[route]}
    exchange = ask_marked(case, route, form, face="azure", response_format="verbose_json", **sent)
    case.judge(*fields_arrived(exchange, seen(case, exchange), sent))


@each("route, form", TRANSCRIPTS, "azure.{route}.upload")
def test_the_upload_reaches_azure_unchanged(case: Case, route: str, form: str) -> None:
    exchange = ask_marked(case, route, form, face="azure")
    case.judge(upload_arrived(exchange, seen(case, exchange), case.upload()))


@decides("azure.translations.unused-fields")
@pytest.mark.parametrize("form", ["multipart", "json"])
def test_what_translations_do_not_use_does_not_reach_azure(case: Case, form: str) -> None:
    unused = {"language": "fr", GRANULARITIES: ["word"]}
    exchange = ask_marked(case, "translations", form, face="azure", response_format="verbose_json", **unused)
    case.judge(field_withheld(exchange, seen(case, exchange), *unused))


def _without_deployment(case: Case, route: str, form: str) -> Exchange:
    key = getattr(case.target.models.without_deployment, case.contract.operations[route].operation)
    if key is None:
        raise Blocked(f"no Azure model without a deployment for {route} is declared")
    return ask_marked(case, route, form, model=key)


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.no-deployment")
def test_without_a_deployment_it_is_an_error(case: Case, route: str, form: str) -> None:
    exchange = _without_deployment(case, route, form)
    because = f"{route} ({form}) for a cluster without its deployment"
    case.judge(case.answered(exchange, "no-deployment", because=because))


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.no-deployment-400")
def test_without_a_deployment_it_is_the_clients_error(case: Case, route: str, form: str) -> None:
    exchange = _without_deployment(case, route, form)
    case.judge(
        case.answered(
            exchange,
            "no-deployment-preferred",
            because=f"{route} ({form}) for a cluster without its deployment",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "azure.{route}.no-other-deployment")
def test_no_other_deployment_takes_its_place(case: Case, route: str, form: str) -> None:
    exchange = _without_deployment(case, route, form)
    case.judge(served_by_none(exchange, case.calls()))

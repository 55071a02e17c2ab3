"""Routing: the mapped model, operation and deployment are accepted on every wire, others are found."""

from __future__ import annotations

import pytest

from conformance.judge.upstream.routing import (
    azure_wire,
    provider_reached,
    reached_deployment,
    reached_model,
    reached_operation,
    served_by_none,
)
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import azure_call, call, form_call

SERVED, REFUSED = answered(200), answered(400)


def test_the_model_is_the_providers() -> None:
    assert reached_model(SERVED, [call()], "tts-1") is None
    assert reached_model(SERVED, [call(), call()], "tts-1-hd") is not None
    assert reached_model(SERVED, [call(fields=[["input", "x"]], model=None)], "tts-1") is not None


def test_a_wrong_model_shows_though_the_request_failed() -> None:
    """The provider refuses a model that it does not know; what was asked is wrong all the same."""
    asked = call(fields=[["model", "my-key"]], model="my-key", answer={"status": 404})
    assert reached_model(REFUSED, [asked], "tts-1") is not None


def test_the_operation_is_the_routes() -> None:
    assert reached_operation(SERVED, [form_call()], "transcription") is None
    assert reached_operation(SERVED, [form_call()], "translation") is not None


def test_a_deployment_is_reached_by_path_or_on_the_newer_wire_by_model() -> None:
    assert reached_deployment(SERVED, [azure_call()], "speech-prod") is None
    assert reached_deployment(SERVED, [call(model="speech-prod")], "speech-prod") is None
    assert reached_deployment(SERVED, [azure_call("azure-tts")], "speech-prod") is not None
    assert reached_deployment(SERVED, [call()], "speech-prod") is not None


def test_azures_wire_is_known() -> None:
    assert azure_wire(SERVED, [azure_call()], "speech") is None
    prefixed = azure_call(path="/gateway/openai/deployments/speech-prod/audio/speech")
    assert azure_wire(SERVED, [prefixed], "speech") is None


@pytest.mark.parametrize(
    "other",
    [
        azure_call(query={}),
        azure_call(query={"api-version": ""}),
        azure_call(headers=[["authorization", "Bearer azure-key"]]),
        azure_call(path="/openai/deployments/speech-prod/audio/transcriptions"),
        azure_call(path="//openai/deployments/speech-prod/audio/speech"),
        call(),
    ],
)
def test_what_is_not_azures_wire_is_found(other: object) -> None:
    assert azure_wire(SERVED, [other], "speech") is not None  # type: ignore[list-item]


def test_asking_for_a_deployment_that_is_not_there_is_legal() -> None:
    """The provider said 404, or that the deployment is not for this operation, and nobody served the request."""
    told = azure_call("azure-mute", answer={"status": 404})
    assert served_by_none(REFUSED, []) is None
    assert served_by_none(REFUSED, [told]) is None
    assert served_by_none(REFUSED, [azure_call(answer={"status": 400})]) is None


def test_another_deployment_in_its_place_is_found() -> None:
    """Any other, whether it is named in the target or not."""
    assert served_by_none(SERVED, [azure_call("unlisted")]) is not None
    assert served_by_none(REFUSED, [azure_call()]) is not None
    assert served_by_none(SERVED, [call()]) is not None


def test_served_without_the_provider_is_found_only_where_the_mock_is_behind() -> None:
    assert provider_reached(SERVED, [], [call()]) is not None
    assert provider_reached(SERVED, [], []) is None
    assert provider_reached(REFUSED, [], [call()]) is None
    assert provider_reached(SERVED, [call()], [call()]) is None

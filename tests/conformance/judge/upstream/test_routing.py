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
from conformance.mock.calls import RecordedCall
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import azure_call, call, form_call, response
from tests.conformance.judge.findings import says

SERVED, REFUSED = answered(200), answered(400)
DEPLOYED = "/openai/deployments/speech-prod/audio/speech"


def test_the_model_is_the_providers() -> None:
    assert reached_model(SERVED, [call()], "tts-1") is None
    finding = reached_model(SERVED, [call(), call()], "tts-1-hd")
    message = "the wrong model of the provider was called"
    assert says(finding) == (message, "model tts-1-hd", "model tts-1 at /v1/audio/speech")
    unnamed = call(fields=[["input", "x"]], model=None)
    assert says(reached_model(SERVED, [unnamed], "tts-1"))[2] == "model None at /v1/audio/speech"


def test_a_wrong_model_shows_though_the_request_failed() -> None:
    """The provider refuses a model that it does not know; what was asked is wrong all the same."""
    asked = call(fields=[["model", "my-key"]], model="my-key", answer=response(status=404))
    assert says(reached_model(REFUSED, [asked], "tts-1"))[1:] == ("model tts-1", "model my-key at /v1/audio/speech")


def test_the_operation_is_that_of_the_request() -> None:
    assert reached_operation(SERVED, [form_call()], "transcription") is None
    finding = reached_operation(SERVED, [form_call()], "translation")
    message = "a request for translation was sent to another operation of the provider"
    assert says(finding) == (message, "…/audio/translations", "POST /v1/audio/transcriptions")


def test_a_deployment_is_reached_by_path_or_on_the_newer_wire_by_model() -> None:
    assert reached_deployment(SERVED, [azure_call()], "speech-prod") is None
    assert reached_deployment(SERVED, [call(model="speech-prod")], "speech-prod") is None
    finding = reached_deployment(SERVED, [azure_call("azure-tts")], "speech-prod")
    path = "/openai/deployments/azure-tts/audio/speech"
    got = f"model tts-1, deployment azure-tts at {path}"
    assert says(finding) == ("the wrong deployment was called", "deployment speech-prod", got)
    assert says(reached_deployment(SERVED, [call()], "speech-prod"))[2] == "model tts-1 at /v1/audio/speech"


def test_azures_wire_is_known() -> None:
    assert azure_wire(SERVED, [azure_call()], "speech") is None
    prefixed = azure_call(path=f"/gateway{DEPLOYED}")
    assert azure_wire(SERVED, [prefixed], "speech") is None


A_PATH = "a path /openai/deployments/…/audio/speech"
A_VERSION, A_KEY = "a query api-version", "a header api-key"


@pytest.mark.parametrize(
    ("other", "lacks"),
    [
        (azure_call(query={}), A_VERSION),
        (azure_call(query={"api-version": ""}), A_VERSION),
        (azure_call(headers=[["authorization", "Bearer azure-key"]]), A_KEY),
        (azure_call(path="/openai/deployments/speech-prod/audio/transcriptions"), A_PATH),
        (azure_call(path=f"/{DEPLOYED}"), A_PATH),
        (call(), f"{A_PATH} and {A_VERSION} and {A_KEY}"),
    ],
)
def test_what_is_not_azures_wire_is_found(other: RecordedCall, lacks: str) -> None:
    finding = azure_wire(SERVED, [other], "speech")
    expected = "path, api-version and api-key as Azure has them"
    assert says(finding) == ("the call is not on Azure's wire", expected, f"POST {other.path} without {lacks}")


def test_asking_for_a_deployment_that_is_not_there_is_legal() -> None:
    """The provider answered 404, or that the deployment is not for this operation, and nobody served the request."""
    missed = azure_call("azure-mute", answer=response(status=404))
    assert served_by_none(REFUSED, []) is None
    assert served_by_none(REFUSED, [missed]) is None
    assert served_by_none(REFUSED, [azure_call(answer=response(status=400))]) is None
    assert served_by_none(REFUSED, [azure_call(answer=None)]) is None


def test_another_deployment_in_its_place_is_found() -> None:
    """Any other, whether it is named in the target or not."""
    finding = served_by_none(SERVED, [azure_call("unlisted")])
    message = "a request for a model without a deployment reached another deployment"
    got = "model tts-1, deployment unlisted at /openai/deployments/unlisted/audio/speech"
    assert says(finding) == (message, "no deployment reached", got)
    assert says(served_by_none(REFUSED, [call()]))[2] == "model tts-1 at /v1/audio/speech"


def test_served_without_the_provider_is_found_only_where_the_mock_is_behind() -> None:
    sibling = call(position=7)
    finding = provider_reached(SERVED, [], [sibling])
    message = "served, but the provider that the model key maps to saw no call"
    assert says(finding) == (message, "a call with this request's text or upload", "no call")
    assert finding
    assert finding.upstream == (sibling,)
    assert provider_reached(SERVED, [], []) is None
    assert provider_reached(REFUSED, [], [call()]) is None
    assert provider_reached(SERVED, [call()], [call()]) is None

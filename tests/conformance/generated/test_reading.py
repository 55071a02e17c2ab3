"""Faults of a drawn body: a model key that some gateway may take for a known one is none of them."""

from __future__ import annotations

import json

import pytest

from conformance import contracts
from conformance.generated.reading import Fault, faults
from conformance.http.bodies import Body, Upload, multipart_body

KEY = "tts-1"
LIKE_THE_KEY = (" tts-1", "tts-1\n", "TTS-1", "openai/tts-1", "azure-tts-1 ")
UNKNOWN = ("tts-12", "tts-", "tts-1/", "1-tts", " ")
OPERATIONS = contracts.load().operations


def faults_of(model: str) -> list[list[Fault]]:
    """Those of a speech request, and of a form for a transcription."""
    spoken = Body(json.dumps({"model": model, "input": "Hello."}).encode(), "application/json")
    heard = multipart_body([("model", model), ("file", Upload(b"RIFF"))])
    return [faults(OPERATIONS["speech"], spoken, KEY), faults(OPERATIONS["transcriptions"], heard, KEY)]


@pytest.mark.parametrize("model", [KEY, *LIKE_THE_KEY])
def test_what_a_gateway_may_take_for_the_key_is_no_fault(model: str) -> None:
    assert faults_of(model) == [[], []]


@pytest.mark.parametrize("model", UNKNOWN)
def test_any_other_key_is_unknown(model: str) -> None:
    unknown = Fault("the model key is not known", "unknown-model")
    assert faults_of(model) == [[unknown], [unknown]]

"""Faults of a drawn body: a model key that some gateway may take for a known one is none of them."""

from __future__ import annotations

import json

import pytest

from conformance.generated.reading import faults
from conformance.http.bodies import Body, Upload, multipart_body

KEY = "tts-1"
LIKE_THE_KEY = (" tts-1", "tts-1\n", "TTS-1", "openai/tts-1", "azure-tts-1 ")
UNKNOWN = ("tts-12", "tts-", "tts-1/", "1-tts", " ")


def spoken(model: str) -> Body:
    return Body(json.dumps({"model": model, "input": "Hello."}).encode(), "application/json")


def heard(model: str) -> Body:
    return multipart_body([("model", model), ("file", Upload(b"RIFF"))])


@pytest.mark.parametrize("model", [KEY, *LIKE_THE_KEY])
def test_what_a_gateway_may_take_for_the_key_is_no_fault(model: str) -> None:
    assert faults("speech", spoken(model), KEY) == []
    assert faults("transcriptions", heard(model), KEY) == []


@pytest.mark.parametrize("model", UNKNOWN)
def test_any_other_key_is_unknown(model: str) -> None:
    for found in (faults("speech", spoken(model), KEY), faults("transcriptions", heard(model), KEY)):
        assert [fault.what for fault in found] == ["the model key is not known"]
        assert 400 in found[0].statuses
        assert 500 not in found[0].statuses

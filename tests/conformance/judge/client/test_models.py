"""A list of models is one, and says of each what is documented."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.http.exchange import Answer, Exchange, Request
from conformance.judge.client.models import lists_models, model_members

MODEL = {"id": "whisper-1", "object": "model", "created": 1, "owned_by": "us"}


def answered(document: Any) -> Exchange:
    return Exchange(Request("GET", "http://gateway/models", (), b""), Answer(200, (), json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("document", "right"),
    [
        ({"object": "list", "data": [MODEL, {"id": "x", "more": 1}]}, True),
        ({"object": "list", "data": []}, True),
        ({"data": [MODEL]}, False),
        ({"object": "list", "data": ["whisper-1"]}, False),
        ({"object": "list", "data": [{**MODEL, "id": ""}]}, False),
        ({"object": "list", "data": {"whisper-1": MODEL}}, False),
        ([MODEL], False),
    ],
    ids=["list", "empty", "no-object", "names", "nameless", "by-name", "bare"],
)
def test_a_list_has_models_with_ids(document: Any, *, right: bool) -> None:
    """Members beyond the id are not asked for here."""
    assert (lists_models(answered(document), because="x") is None) is right


@pytest.mark.parametrize("lost", list(MODEL))
def test_a_model_lacks_none_of_its_members(lost: str) -> None:
    """Each of the four is missed."""
    assert model_members(answered({}), MODEL, because="x") is None
    assert model_members(answered({}), {k: v for k, v in MODEL.items() if k != lost}, because="x") is not None
    assert model_members(answered({}), "whisper-1", because="x") is not None

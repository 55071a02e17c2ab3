"""Bodies drawn from the contract's document: the same for the same seed, valid where they have to be."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from conformance import contracts
from conformance.generated.reading import audio_is_ours, faults, parts
from conformance.generated.schemathesis_bridge import Kind, document, drawn_bodies
from tests.conformance.generated.cases import case

CONTRACT = contracts.load()
PLACES = [(route, form) for route, operation in CONTRACT.operations.items() for form in operation.encodings]


def drawn(route: str, form: str, kind: Kind, *, seed: int = 0, examples: int = 40) -> list[Any]:
    return drawn_bodies(case(seed=seed, examples=examples), route, form, "my-model", kind)


@pytest.mark.parametrize(("route", "form"), PLACES)
def test_what_must_be_taken_has_no_fault(route: str, form: str) -> None:
    """The gateway's own key, a whole recording, and no field beyond those documented."""
    operation = CONTRACT.operations[route]
    bodies = drawn(route, form, Kind.SURE)

    assert bodies
    for body in bodies:
        assert faults(operation, body, "my-model") == []
        assert audio_is_ours(operation, body)


def test_what_must_be_taken_is_valid_by_the_documents_own_schema() -> None:
    """Without the values that a gateway may take or refuse."""
    whole = CONTRACT.document.load_promised()
    content = whole["paths"]["/audio/speech"]["post"]["requestBody"]["content"]["application/json"]
    validator = jsonschema.Draft202012Validator({**content["schema"], "components": whole["components"]})
    bodies = [json.loads(body.data) for body in drawn("speech", "json", Kind.SURE)]

    assert all(validator.is_valid(body) for body in bodies)
    assert {name for body in bodies for name in body} >= {"model", "input", "speed", "response_format"}


def test_what_is_broken_has_faults_of_several_kinds() -> None:
    """Else the check of plain faults would judge nothing."""
    operation = CONTRACT.operations["speech"]
    bodies = drawn("speech", "json", Kind.BROKEN, examples=100)
    found = {fault.situation for body in bodies for fault in faults(operation, body, "my-model")}

    assert {"missing-field", "unknown-model"} <= found


@pytest.mark.parametrize("kind", Kind)
def test_the_same_seed_draws_the_same_bytes(kind: Kind) -> None:
    """Boundaries included; another seed draws others."""
    first = drawn("transcriptions", "multipart", kind)

    assert first == drawn("transcriptions", "multipart", kind)
    assert first != drawn("transcriptions", "multipart", kind, seed=1)


def test_a_form_is_read_back_as_its_parts() -> None:
    """By the names of the contract."""
    names = {part.name for body in drawn("translations", "multipart", Kind.SURE) for part in parts(body)}

    assert {b"model", b"file"} <= names
    assert not names & {b"timestamp_granularities", b"timestamp_granularities[]"}


def test_the_document_is_cut_down_to_one_operation_in_one_encoding() -> None:
    """The contract's own is left as it is."""
    cut = document(CONTRACT, "speech", "json", "my-model", Kind.SURE, ("voice-1",))
    (body,) = cut["paths"]["/audio/speech"]["post"]["requestBody"]["content"].values()

    assert list(cut["paths"]) == ["/audio/speech"]
    assert cut["components"]["schemas"]["ModelKey"] == {"type": "string", "enum": ["my-model"]}
    assert body["schema"]
    assert CONTRACT.document.load()["components"]["schemas"]["ModelKey"] != cut["components"]["schemas"]["ModelKey"]

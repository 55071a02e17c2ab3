"""Traits of values: which listed value it is, on which side of a bound it lies, whether it is of the documented kind."""

from typing import Any

import pytest

from conformance.coverage.traits import Schema, branches, matches, of_branches

SPEED: Schema = {"type": "number", "minimum": 0.25, "maximum": 4}
VOICE: Schema = {"anyOf": [{"type": "string", "minLength": 1}, {"$ref": "any"}]}


def resolve(schema: Schema) -> Schema:
    """The one reference stands for whatever else may be sent."""
    return {} if "$ref" in schema else schema


def held(schema: Schema, value: Any, *, as_text: bool = False) -> set[str]:
    """The labels of the traits that a value has."""
    traits = of_branches(branches(schema, resolve), resolve, as_text=as_text)
    return {trait.label.strip() for trait in traits if trait.holds(value)}


@pytest.mark.parametrize(
    ("value", "labels"),
    [
        (1, {"of its kind"}),
        (0.25, {"minimum 0.25", "of its kind"}),
        (0.1, {"below minimum 0.25", "of its kind"}),
        (99, {"above maximum 4", "of its kind"}),
        ("fast", {"of another kind"}),
        (None, {"null"}),
        (True, {"of another kind"}),
    ],
)
def test_a_number_is_told_by_its_bounds_and_its_kind(value: Any, labels: set[str]) -> None:
    """True is no number, and null is no kind."""
    assert held(SPEED, value) == labels


@pytest.mark.parametrize(
    ("value", "labels"),
    [("mp3", {"=mp3"}), ("ogg", {"of another kind"}), ("", {"of another kind"}), (None, {"null"})],
)
def test_a_listed_value_is_told_by_itself(value: Any, labels: set[str]) -> None:
    """There is no `of its kind` beside: each listed value is a point of its own."""
    assert held({"type": "string", "enum": ["mp3", "wav"]}, value) == labels


def test_a_list_is_told_by_the_listed_values_that_it_holds() -> None:
    """Several at a time."""
    schema = {"type": "array", "items": {"enum": ["word", "segment"]}, "minItems": 1}

    assert held(schema, ["word", "segment"]) == {"=word", "=segment", "of its kind"}
    assert held(schema, []) == {"below minItems 1", "of its kind"}
    assert held(schema, ["word", "syllable"]) == {"=word", "of another kind"}


def test_a_branch_that_names_no_type_documents_no_kind() -> None:
    """What is neither typed nor listed stands for anything else."""
    assert len(branches(VOICE, resolve)) == 1
    assert held(VOICE, "") == {"below minLength 1", "of its kind"}


def test_texts_of_a_form_have_no_null_and_any_text_is_of_its_kind() -> None:
    """A field of a form is always a text."""
    assert held({"type": "string"}, "x", as_text=True) == set()
    assert held(SPEED, 5.0, as_text=True) == {"above maximum 4", "of its kind"}


@pytest.mark.parametrize(
    ("value", "schema", "of_kind"),
    [
        (2.0, {"type": "integer"}, True),
        (2.5, {"type": "integer"}, False),
        (True, {"type": "integer"}, False),
        (["a", 1], {"type": "array", "items": {"type": "string"}}, False),
        ("x", {"type": ["string", "null"]}, True),
    ],
)
def test_kinds_are_those_of_json(value: Any, schema: Schema, *, of_kind: bool) -> None:
    """A whole number written with a point is an integer."""
    assert matches(value, schema, resolve) is of_kind

"""Properties of a body as coverage points: their values, their absence, and what else was sent beside them."""

from typing import Any

from conformance.coverage.points import Point
from conformance.coverage.shapes import Shape, make_shape

SCHEMA: dict[str, Any] = {
    "properties": {
        "speed": {"type": "number", "minimum": 1},
        "audio": {"type": "object", "properties": {"data": {"type": "string"}}, "additionalProperties": False},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
    }
}


def shape(*, is_form: bool = False) -> Shape:
    return make_shape("POST /x", SCHEMA, lambda schema: schema, is_form=is_form)


def reached(members: dict[str, Any], *, is_form: bool = False) -> set[str]:
    found: set[Point] = set()
    shape(is_form=is_form).note(members, found)
    return {point.where for point in found}


def test_what_is_sent_and_what_is_left_out_are_different_points() -> None:
    """Each property is the one or the other; a field that no property names is a point, too."""
    found = reached({"speed": 1, "extra": True})

    assert {"POST /x speed", "POST /x speed minimum 1", "POST /x audio left out"} <= found
    assert "POST /x speed left out" not in found
    assert "POST /x with a further field" in found


def test_properties_of_an_object_within_are_points_themselves() -> None:
    """As far as the schema goes."""
    assert "POST /x audio data" in reached({"audio": {"data": "x"}})
    assert "POST /x audio data left out" in reached({"audio": {}})
    assert not any(where.startswith("POST /x audio data") for where in reached({"audio": "x"}))


def test_texts_of_a_form_are_read_as_what_they_mean() -> None:
    """A number as a number, repeats as a list; a text that is none is of another kind."""
    assert "POST /x speed minimum 1" in reached({"speed": ["1"]}, is_form=True)
    assert "POST /x speed of another kind" in reached({"speed": ["fast"]}, is_form=True)
    assert {"POST /x tags=a", "POST /x tags=b"} <= reached({"tags": ["a", "b"]}, is_form=True)


def test_all_that_can_be_reached_is_known_before() -> None:
    """A point that no outline lists could never be counted."""
    known = {point.where for point in shape().points()}

    assert reached({"speed": 0.5, "audio": {"data": ""}, "tags": ["a"], "x": 1}) <= known
    assert reached({}) <= known

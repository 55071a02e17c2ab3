"""The properties of request bodies as points, and which of them the members of one body reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.coverage.points import Kind, Point
from conformance.coverage.traits import Resolve, Schema, Trait, branches, names_of_types, of_branches


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a body: the points of its being there, of its being left out, and of each trait of its value.

    `shape` is that of an object; `types` those that its values may have.
    """

    there: Point
    left_out: Point
    traits: tuple[tuple[Trait, Point], ...]
    types: frozenset[str]
    shape: Shape | None

    def points(self) -> Iterator[Point]:
        yield from (self.there, self.left_out)
        yield from (point for _, point in self.traits)
        if self.shape:
            yield from self.shape.points()

    def note(self, value: Any, reached: set[Point]) -> None:
        """Add the points that a value reaches. Most were reached before, by thousands of requests that are much alike."""
        reached.add(self.there)
        for trait, point in self.traits:
            if point not in reached and trait.holds(value):
                reached.add(point)
        if self.shape and isinstance(value, dict):
            self.shape.note(value, reached)

    def values(self, texts: list[str]) -> list[Any]:
        """What the fields of a form mean, given the texts under the property's name."""
        if "array" in self.types:
            return [texts]
        return [_number(text) for text in texts] if self.types & {"number", "integer"} else list(texts)


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties of an object, or of a form (whose values are texts). `further` is there where others may be sent."""

    properties: dict[str, Property]
    further: Point | None
    is_form: bool

    def points(self) -> Iterator[Point]:
        for each in self.properties.values():
            yield from each.points()
        if self.further:
            yield self.further

    def note(self, members: dict[str, Any], reached: set[Point]) -> None:
        """Add the points that the members of a body reach."""
        for name, each in self.properties.items():
            if name not in members:
                reached.add(each.left_out)
            else:
                for value in each.values(members[name]) if self.is_form else [members[name]]:
                    each.note(value, reached)
        if self.further and members.keys() - self.properties.keys():
            reached.add(self.further)


def make_shape(where: str, schema: Schema, resolve: Resolve, *, is_form: bool) -> Shape:
    """The shape of a schema that does not hold itself; names of points begin with `where`."""
    schema = resolve(schema)
    properties = {
        name: _property(f"{where} {name}", each, resolve, is_form=is_form)
        for name, each in schema.get("properties", {}).items()
    }
    further = Point(Kind.VALUES, f"{where} with a further field") if schema.get("additionalProperties", True) else None
    return Shape(properties, further, is_form)


def _property(where: str, schema: Schema, resolve: Resolve, *, is_form: bool) -> Property:
    documented = branches(schema, resolve)
    types = frozenset(name for each in documented for name in names_of_types(each))
    inner = next((each for each in documented if "properties" in each), None)
    shape = make_shape(where, inner, resolve, is_form=False) if inner else None
    traits = of_branches(documented, resolve, as_text=is_form)
    return Property(
        Point(Kind.REQUEST_PROPERTIES, where),
        Point(Kind.VALUES, f"{where} left out"),
        tuple((trait, Point(Kind.VALUES, where + trait.label)) for trait in traits),
        types,
        shape,
    )


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text

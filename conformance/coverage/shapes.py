"""The properties of request bodies as points, and which of them the members of one body reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from conformance.coverage.points import Kind, Point
from conformance.coverage.traits import Resolve, Schema, Trait, branches, names_of_types, of_branches


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a body. `shape` is that of an object; `types` those that its values may have."""

    where: str
    traits: tuple[Trait, ...]
    types: frozenset[str]
    shape: Shape | None

    def points(self) -> Iterator[Point]:
        yield Point(Kind.REQUEST_PROPERTIES, self.where)
        yield self.left_out
        for trait in self.traits:
            yield self._value(trait)
        if self.shape:
            yield from self.shape.points()

    @property
    def left_out(self) -> Point:
        return Point(Kind.VALUES, f"{self.where} left out")

    def reached(self, value: Any) -> Iterator[Point]:
        yield Point(Kind.REQUEST_PROPERTIES, self.where)
        for trait in self.traits:
            if trait.holds(value):
                yield self._value(trait)
        if self.shape and isinstance(value, dict):
            yield from self.shape.reached(value)

    def values(self, texts: list[str]) -> list[Any]:
        """What the fields of a form mean, given the texts under the property's name."""
        if "array" in self.types:
            return [texts]
        return [_number(text) for text in texts] if self.types & {"number", "integer"} else list(texts)

    def _value(self, trait: Trait) -> Point:
        return Point(Kind.VALUES, self.where + trait.label)


@dataclass(frozen=True, slots=True)
class Shape:
    """The properties of an object, or of a form (whose values are texts)."""

    where: str
    properties: dict[str, Property]
    is_open: bool
    is_form: bool

    def points(self) -> Iterator[Point]:
        for each in self.properties.values():
            yield from each.points()
        if self.is_open:
            yield self._further

    def reached(self, members: dict[str, Any]) -> Iterator[Point]:
        for name, each in self.properties.items():
            if name not in members:
                yield each.left_out
            else:
                for value in each.values(members[name]) if self.is_form else [members[name]]:
                    yield from each.reached(value)
        if self.is_open and members.keys() - self.properties.keys():
            yield self._further

    @property
    def _further(self) -> Point:
        return Point(Kind.VALUES, f"{self.where} with a further field")


def make_shape(where: str, schema: Schema, resolve: Resolve, *, is_form: bool) -> Shape:
    """The shape of a schema that does not hold itself; names of points begin with `where`."""
    schema = resolve(schema)
    properties = {
        name: _property(f"{where} {name}", each, resolve, is_form=is_form)
        for name, each in schema.get("properties", {}).items()
    }
    return Shape(where, properties, bool(schema.get("additionalProperties", True)), is_form)


def _property(where: str, schema: Schema, resolve: Resolve, *, is_form: bool) -> Property:
    documented = branches(schema, resolve)
    types = frozenset(name for each in documented for name in names_of_types(each))
    inner = next((each for each in documented if "properties" in each), None)
    shape = make_shape(where, inner, resolve, is_form=False) if inner else None
    return Property(where, tuple(of_branches(documented, resolve, as_text=is_form)), types, shape)


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text

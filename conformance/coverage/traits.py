"""Traits of a value by the schema of its property: which listed value it is, on which bound it lies, of which kind.

A schema may have several documented branches (`anyOf`). A branch that names neither type nor values stands for whatever
else may be sent, so it documents no kind of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

Schema = dict[str, Any]
Resolve = Callable[[Schema], Schema]

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
# Of each bound: the type it bounds, what of a value it measures, and how what breaks it is called.
_BOUNDS: dict[str, tuple[str, Callable[[Any], float], str]] = {
    "minLength": ("string", len, "below"),
    "maxLength": ("string", len, "above"),
    "minimum": ("number", lambda value: value, "below"),
    "maximum": ("number", lambda value: value, "above"),
    "minItems": ("array", len, "below"),
    "maxItems": ("array", len, "above"),
}


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait: `label` follows the property's name in reports, `holds` tells whether a value has it and never raises."""

    label: str
    holds: Callable[[Any], bool]


def branches(schema: Schema, resolve: Resolve) -> list[Schema]:
    """The documented kinds of a value, references resolved."""
    schema = resolve(schema)
    inner = [found for each in schema.get("anyOf", ()) for found in branches(each, resolve)]
    return ([schema] if schema.keys() & {"type", "enum"} else []) + inner


def of_branches(documented: list[Schema], resolve: Resolve, *, as_text: bool) -> Iterator[Trait]:
    """The traits to be seen of a property, each once. `as_text`: in a form, where every value is a text or a file."""
    for branch in documented:
        yield from _listed(branch, resolve)
        yield from _bounds(branch)
    if not as_text:
        yield Trait(" null", lambda value: value is None)
    if not (as_text and any(_any_text(branch) for branch in documented)):
        yield from _kinds(documented, resolve)


def matches(value: Any, branch: Schema, resolve: Resolve) -> bool:
    """Whether a value is of the documented kind: its type and its listed values; bounds are traits of their own."""
    if "type" in branch and not any(_is(value, name) for name in names_of_types(branch)):
        return False
    if "enum" in branch and value not in branch["enum"]:
        return False
    items = branch.get("items")
    return not (items and isinstance(value, list)) or all(matches(item, resolve(items), resolve) for item in value)


def _kinds(documented: list[Schema], resolve: Resolve) -> Iterator[Trait]:
    def fits(value: Any) -> bool:
        return any(matches(value, each, resolve) for each in documented)

    if documented and not any("enum" in each for each in documented):
        yield Trait(" of its kind", fits)
    if documented:
        yield Trait(" of another kind", lambda value: value is not None and not fits(value))


def _listed(branch: Schema, resolve: Resolve) -> Iterator[Trait]:
    for listed in branch.get("enum", ()):
        yield Trait(f"={listed}", partial(_same, listed))
    for listed in resolve(branch.get("items", {})).get("enum", ()):
        yield Trait(f"={listed}", partial(_contains, listed))


def _bounds(branch: Schema) -> Iterator[Trait]:
    for keyword, (kind, measure, beyond) in _BOUNDS.items():
        if keyword in branch:
            limit = branch[keyword]
            sign = -1 if beyond == "below" else 1
            yield Trait(f" {keyword} {limit}", partial(_at, kind, measure, limit))
            yield Trait(f" {beyond} {keyword} {limit}", partial(_beyond, kind, measure, limit, sign))


def _at(kind: str, measure: Callable[[Any], float], limit: float, value: Any) -> bool:
    return _is(value, kind) and measure(value) == limit


def _beyond(kind: str, measure: Callable[[Any], float], limit: float, sign: int, value: Any) -> bool:
    return _is(value, kind) and sign * measure(value) > sign * limit


def _same(listed: Any, value: Any) -> bool:
    return isinstance(value, bool) == isinstance(listed, bool) and bool(value == listed)


def _contains(listed: Any, value: Any) -> bool:
    return isinstance(value, list) and any(_same(listed, item) for item in value)


def _any_text(branch: Schema) -> bool:
    return "string" in names_of_types(branch) and "enum" not in branch


def names_of_types(branch: Schema) -> tuple[str, ...]:
    """The types that a branch allows; empty where it names none."""
    types = branch.get("type", ())
    return (types,) if isinstance(types, str) else tuple(types)


def _is(value: Any, name: str) -> bool:
    """JSON's types: true is no number, and a whole number written with a point is an integer."""
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(value, _TYPES[name])

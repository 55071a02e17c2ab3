"""Strict conversion of outside data to typed values, with errors that name the place and what is allowed there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import inspect

from mock_upstreams.errors import Mismatch

T = TypeVar("T")

_PLACE = re.compile(r" - at (?:`key` in )?`\$(?P<path>[^`]*)`$")
_STEP = re.compile(r"\.(?P<name>[^.\[]+)|\[(?P<index>[^\]]*)\]")
_LISTS = inspect.ListType | inspect.VarTupleType
_INSIDE = {"...": inspect.DictType}  # msgspec's index for whatever is in a mapping
_FIELD = re.compile(r"(?:unknown|missing required) field `(?P<name>[^`]+)`")


def convert(value: Any, kind: type[T], *, from_text: bool = False) -> T:
    """Returns `value` (as a JSON or YAML reader gives it) as a `kind`.

    `from_text` reads numbers and booleans from strings too, for query parameters.

    Raises Mismatch: the first place where the value does not fit.
    """
    try:
        return msgspec.convert(value, kind, strict=not from_text)
    except msgspec.ValidationError as error:
        raise _mismatch(str(error), kind) from error


def _mismatch(text: str, kind: type) -> Mismatch:
    place = _PLACE.search(text)
    path = place["path"] if place else ""
    fault = text[: place.start()] if place else text
    allowed = _describe(_type_at(inspect.type_info(kind), path))
    field = _FIELD.search(fault)
    where = f"{path}.{field['name']}" if field else path
    return Mismatch(where.removeprefix("."), fault, allowed)


def _type_at(kind: inspect.Type, path: str) -> inspect.Type:
    for step in _STEP.finditer(path):
        kind = _step(_bare(kind), step["name"], step["index"])
    return _bare(kind)


def _bare(kind: inspect.Type) -> inspect.Type:
    """Returns a type without what was only said about it."""
    return _bare(kind.type) if isinstance(kind, inspect.Metadata) else kind


def _step(kind: inspect.Type, name: str | None, index: str | None) -> inspect.Type:
    """Returns the type one step further inside: of a field by its name, else of the value in a mapping or a list."""
    wanted = inspect.StructType if name else _INSIDE.get(index or "", _LISTS)
    members = map(_bare, kind.types) if isinstance(kind, inspect.UnionType) else [kind]
    found: Any = next((member for member in members if isinstance(member, wanted)), None)
    if found is None:
        return kind
    if name:
        return next((field.type for field in found.fields if field.encode_name == name), kind)
    inner: inspect.Type = found.value_type if isinstance(found, inspect.DictType) else found.item_type
    return inner


def _describe(kind: inspect.Type) -> str:
    kind = _bare(kind)
    describe = _DESCRIPTIONS.get(type(kind))
    return describe(kind) if describe else "another kind of value"


def _range(noun: str) -> Callable[[Any], str]:
    def describe(kind: Any) -> str:
        bounds = [("from", kind.ge), ("over", kind.gt), ("to", kind.le), ("under", kind.lt)]
        return " ".join([noun, *(f"{word} {bound}" for word, bound in bounds if bound is not None)])

    return describe


def _union(kind: Any) -> str:
    return " or ".join(dict.fromkeys(_describe(member) for member in kind.types))


_DESCRIPTIONS: Mapping[type, Callable[[Any], str]] = {
    inspect.NoneType: lambda _: "null",
    inspect.AnyType: lambda _: "any value",
    inspect.BoolType: lambda _: "true or false",
    inspect.StrType: lambda kind: "a non-empty string" if kind.min_length else "a string",
    inspect.IntType: _range("a whole number"),
    inspect.FloatType: _range("a number"),
    inspect.LiteralType: lambda kind: "one of " + ", ".join(str(value) for value in kind.values),
    inspect.ListType: lambda kind: f"a list, each item {_describe(kind.item_type)}",
    inspect.VarTupleType: lambda kind: f"a list, each item {_describe(kind.item_type)}",
    inspect.DictType: lambda kind: f"a mapping, each value {_describe(kind.value_type)}",
    inspect.StructType: lambda kind: "the fields " + ", ".join(field.encode_name for field in kind.fields),
    inspect.UnionType: _union,
}

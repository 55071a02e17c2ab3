"""Puts msgspec's complaint about a value into plain words: where it stands, what it is, and what belongs there."""

from __future__ import annotations

import difflib
import re
from typing import Any

import msgspec
import msgspec.inspect as types

from reference_server.strict_yaml.errors import ConfigError

WHOLE = "the file"

_AT = re.compile(r"(?P<problem>.*) - at `(?P<path>\$[^`]*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\.\.\.|\d+)\]")
# What msgspec says of a value's type or size; anything else is a sentence of our own structs.
_TYPE_COMPLAINT = re.compile(r"(Expected|Invalid enum value|Invalid)\b", re.DOTALL)

Steps = tuple[str | int, ...]


def explained(complaint: str, document: Any, kind: Any, path: str) -> ConfigError:
    """The error for `complaint`, which msgspec made of `document` as a `kind`; its path starts with `path`."""
    match = _AT.fullmatch(complaint)
    problem, at = (match["problem"], match["path"]) if match else (complaint, "$")
    steps = _steps(at, complaint, document, kind)
    full = "".join([path, *(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)]).lstrip(".")
    if unknown := _UNKNOWN.fullmatch(problem):
        return _unknown_key(f"{full}.{unknown['name']}".lstrip("."), unknown["name"], _keys_at(kind, steps))
    if missing := _MISSING.fullmatch(problem):
        name = f"{full}.{missing['name']}".lstrip(".")
        return ConfigError(name, "is missing.", f"Add it. Allowed here: {', '.join(_keys_at(kind, steps))}.")
    if _TYPE_COMPLAINT.match(problem):
        at = _type_at(kind, steps)
        found = _shown(_value_at(document, steps), at)
        return ConfigError(full or WHOLE, f"{found} does not fit.", f"Write {_in_words(at)}.")
    return ConfigError(full or WHOLE, f"{problem}.", "See the examples.")


def _unknown_key(path: str, name: str, allowed: tuple[str, ...]) -> ConfigError:
    near = difflib.get_close_matches(name, allowed, 1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    return ConfigError(path, "is not known.", f"{hint}Allowed here: {', '.join(allowed) or 'nothing'}.")


def _shown(value: Any, wanted: types.Type) -> str:
    """The value where it cannot be a secret (a misspelt word, a number out of bounds); else only what kind it is."""
    if isinstance(value, bool) or value is None:
        return {True: "`true`", False: "`false`", None: "An empty value"}[value]
    if isinstance(value, int | float):
        return f"{value}" if isinstance(_bare(wanted), types.IntType | types.FloatType) else "A number"
    if isinstance(value, str):
        return f"`{value}`" if isinstance(_bare(wanted), types.LiteralType | types.EnumType) else "This text"
    return "A list" if isinstance(value, list) else "A mapping"


def _in_words(at: types.Type) -> str:
    """What belongs at a place, for the end of the sentence "Write ..."."""
    match at:
        case types.Metadata():
            words = (at.extra_json_schema or {}).get("description") or _in_words(at.type)
        case types.UnionType():
            words = _in_words(_solid(at))
        case types.LiteralType():
            words = "one of " + ", ".join(map(str, at.values))
        case types.EnumType():
            words = "one of " + ", ".join(str(each.value) for each in at.cls)
        case types.IntType() | types.FloatType():
            words = _number_in_words(at)
        case types.StrType():
            words = f"text of at least {at.min_length} characters" if (at.min_length or 0) > 1 else "text"
        case types.ListType():
            words = f"a list, each entry {_in_words(at.item_type)}"
        case _:
            words = {types.BoolType: "true or false", types.DecimalType: "a number"}.get(type(at), "a mapping")
    return str(words)


def _number_in_words(at: types.IntType | types.FloatType) -> str:
    bounds = (("above", at.gt), ("of at least", at.ge), ("below", at.lt), ("of at most", at.le))
    words = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
    return " ".join(filter(None, ("a whole number" if isinstance(at, types.IntType) else "a number", words)))


def _steps(at: str, complaint: str, document: Any, kind: Any) -> Steps:
    """The keys that lead to the fault. msgspec writes `[...]` for the key of a mapping: it is found by trying each."""
    steps: Steps = ()
    for name, index in _STEP.findall(at):
        if index == "...":
            steps += (_guilty_key(complaint, document, kind, steps),)
        else:
            steps += (int(index) if index else name,)
    return steps


def _guilty_key(complaint: str, document: Any, kind: Any, steps: Steps) -> str:
    for key, value in _value_at(document, steps).items():
        try:
            msgspec.convert(_with(document, steps, {key: value}), kind)
        except msgspec.ValidationError as error:
            if str(error) == complaint:
                return str(key)
    return "*"


def _value_at(document: Any, steps: Steps) -> Any:
    for step in steps:
        if isinstance(document, dict) and step not in document:  # a key of the mapping itself is at fault
            return step
        document = document[step]
    return document


def _with(document: Any, steps: Steps, value: Any) -> Any:
    if not steps:
        return value
    copy = document.copy()
    copy[steps[0]] = _with(document[steps[0]], steps[1:], value)
    return copy


def _keys_at(kind: Any, steps: Steps) -> tuple[str, ...]:
    """The keys that the struct at the end of `steps` knows."""
    at = _bare(_type_at(kind, steps))
    return tuple(field.encode_name for field in at.fields) if isinstance(at, types.StructType) else ()


def _type_at(kind: Any, steps: Steps) -> types.Type:
    at: types.Type = types.type_info(kind)
    for step in steps:
        at = _below(_bare(at), step)
    return at


def _below(at: types.Type, step: str | int) -> types.Type:
    if isinstance(at, types.StructType):
        return next(field.type for field in at.fields if field.encode_name == step)
    if isinstance(at, types.DictType):
        return at.value_type
    return at.item_type if isinstance(at, types.ListType) else types.AnyType()


def _bare(at: types.Type) -> types.Type:
    """The type without its annotations, and of an optional one the member that is not None."""
    if isinstance(at, types.Metadata):
        return _bare(at.type)
    return _bare(_solid(at)) if isinstance(at, types.UnionType) else at


def _solid(at: types.UnionType) -> types.Type:
    return next(each for each in at.types if not isinstance(each, types.NoneType))

"""Reads YAML into typed values so strictly that every mistake is told with its path and its mend."""

from __future__ import annotations

import difflib
import os
import re
from typing import Any, TypeVar

import msgspec
import msgspec.inspect
import yaml

Value = TypeVar("Value")

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_AT = re.compile(r"(?P<problem>.*) - at `(?P<path>\$[^`]*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<name>.*)`", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\.\.\.|\d+)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)


class ConfigError(Exception):
    """Something in the configuration is wrong: at `path` (as in `models.tts-1.provider`), with `problem` and `mend`."""

    def __init__(self, path: str, problem: str, mend: str) -> None:
        super().__init__(f"{path}: {problem} {mend}" if path else f"{problem} {mend}")
        self.path = path
        self.problem = problem
        self.mend = mend


class _UniqueKeys(yaml.SafeLoader):
    """Plain YAML silently keeps the last of two equal keys; here they are an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise ConfigError(str(key), f"stands twice (line {key_node.start_mark.line + 1}).", "Keep one of them.")
            seen.add(key)
        return super().construct_mapping(node, deep)


def parse(text: str) -> dict[str, Any]:
    """The mapping that `text` holds, `${NAME}` filled in from the environment. Raises ConfigError."""
    try:
        document = yaml.load(text, _UniqueKeys)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError("", f"This is not YAML: {' '.join(str(error).split())}.", "Mend the syntax.") from None
    if not isinstance(document, dict):
        raise ConfigError("", "The file must hold a mapping.", "Start from one of the examples.")
    filled: dict[str, Any] = _filled(document, "")
    return filled


def _filled(value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, f"{path}.{key}".lstrip(".")) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, f"{path}[{index}]") for index, each in enumerate(value)]
    return _VARIABLE.sub(lambda match: _variable(match[1], path), value) if isinstance(value, str) else value


def _variable(name: str, path: str) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise ConfigError(
            path, f"The environment has no variable {name}.", f"Set {name}, or write the value."
        ) from None


def convert(document: Any, kind: type[Value], path: str = "") -> Value:
    """`document` as a `kind`. Raises ConfigError whose path starts with `path`."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise _explained(str(error), document, kind, path) from None


def _explained(complaint: str, document: Any, kind: Any, path: str) -> ConfigError:
    match = _AT.fullmatch(complaint)
    problem, at = (match["problem"], match["path"]) if match else (complaint, "$")
    steps = _steps(at, complaint, document, kind)
    full = "".join([path, *(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)]).lstrip(".")
    if unknown := _UNKNOWN.fullmatch(problem):
        return _unknown_key(f"{full}.{unknown['name']}".lstrip("."), unknown["name"], _keys_at(kind, steps))
    if missing := _MISSING.fullmatch(problem):
        name = f"{full}.{missing['name']}".lstrip(".")
        return ConfigError(name, "is missing.", f"Add it. Allowed here: {', '.join(_keys_at(kind, steps))}.")
    return ConfigError(full or "the file", f"{problem[0].lower()}{problem[1:]}.", "Write such a value.")


def _unknown_key(path: str, name: str, allowed: tuple[str, ...]) -> ConfigError:
    near = difflib.get_close_matches(name, allowed, 1)
    hint = f"Did you mean `{near[0]}`? " if near else ""
    return ConfigError(path, "is not known.", f"{hint}Allowed here: {', '.join(allowed) or 'nothing'}.")


def _steps(at: str, complaint: str, document: Any, kind: Any) -> tuple[str | int, ...]:
    """The keys that lead to the fault. msgspec writes `[...]` for the key of a mapping: it is found by trying each."""
    steps: tuple[str | int, ...] = ()
    for name, index in _STEP.findall(at):
        if index == "...":
            steps += (_guilty_key(complaint, document, kind, steps),)
        else:
            steps += (int(index) if index else name,)
    return steps


def _guilty_key(complaint: str, document: Any, kind: Any, steps: tuple[str | int, ...]) -> str:
    mapping = document
    for step in steps:
        mapping = mapping[step]
    for key, value in mapping.items():
        try:
            msgspec.convert(_with(document, steps, {key: value}), kind)
        except msgspec.ValidationError as error:
            if str(error) == complaint:
                return str(key)
    return "*"


def _with(document: Any, steps: tuple[str | int, ...], value: Any) -> Any:
    if not steps:
        return value
    copy = document.copy()
    copy[steps[0]] = _with(document[steps[0]], steps[1:], value)
    return copy


def _keys_at(kind: Any, steps: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that the struct at the end of `steps` knows."""
    at: msgspec.inspect.Type = msgspec.inspect.type_info(kind)
    for step in steps:
        at = _below(_solid(at), step)
    at = _solid(at)
    return tuple(field.encode_name for field in at.fields) if isinstance(at, msgspec.inspect.StructType) else ()


def _below(at: msgspec.inspect.Type, step: str | int) -> msgspec.inspect.Type:
    if isinstance(at, msgspec.inspect.StructType):
        return next(field.type for field in at.fields if field.encode_name == step)
    if isinstance(at, msgspec.inspect.DictType):
        return at.value_type
    return at.item_type if isinstance(at, msgspec.inspect.ListType) else msgspec.inspect.AnyType()


def _solid(at: msgspec.inspect.Type) -> msgspec.inspect.Type:
    """The member of an optional type that is not None."""
    if not isinstance(at, msgspec.inspect.UnionType):
        return at
    return next(each for each in at.types if not isinstance(each, msgspec.inspect.NoneType))

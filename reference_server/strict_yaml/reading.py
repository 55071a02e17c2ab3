"""Parses YAML with unique keys and variables of the environment, and converts it to typed values."""

from __future__ import annotations

import os
import re
from typing import Any, TypeVar

import msgspec
import yaml

from reference_server.strict_yaml.errors import ConfigError
from reference_server.strict_yaml.explaining import explained

Value = TypeVar("Value")

_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


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
        raise ConfigError("", f"This is not YAML: {' '.join(str(error).split())}.", "Correct the syntax.") from None
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
        problem, hint = f"The environment has no variable {name}.", f"Set {name}, or write the value."
        raise ConfigError(path, problem, hint) from None


def convert(document: Any, kind: type[Value], path: str = "") -> Value:
    """`document` as a `kind`. Raises ConfigError whose path starts with `path`."""
    try:
        return msgspec.convert(document, kind)
    except msgspec.ValidationError as error:
        raise explained(str(error), document, kind, path) from None

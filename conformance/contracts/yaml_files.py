"""Reads the YAML files of a contract: thousands of lines each time a command starts, so by libyaml where it is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """The plain values that the file holds. Raises OSError and yaml.YAMLError."""
    return yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506 - both are safe loaders

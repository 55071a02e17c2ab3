"""An OpenAPI document: where the shipped one lies, and what is read from it.

A checkout has `openapi.yaml` at its top; an installed wheel carries the same file in the data folder `audio_contract`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from conformance.contracts.yaml_files import read_yaml

SHIPPED = "openapi.yaml"
_TAKEN_OR_REFUSED = {"$ref": "#/components/schemas/TakenOrRefused"}


class Document:
    """One OpenAPI document, read once. Raises OSError where the file cannot be read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def raw(self) -> bytes:
        """The file's bytes, unchanged."""
        return self.path.read_bytes()

    def load(self) -> dict[str, Any]:
        """The document as plain JSON values: a fresh copy, no part of which is shared with another."""
        document: dict[str, Any] = json.loads(self._text)
        return document

    def load_promised(self) -> dict[str, Any]:
        """The document without the values that a gateway may take or refuse (`TakenOrRefused`).

        What is valid here must be accepted; what is invalid under `load` must be refused; the rest is not judged.
        """
        document: dict[str, Any] = _without_undecided(self.load())
        return document

    @cached_property
    def _text(self) -> str:
        # Through JSON text, because YAML's aliases make one object of several places: a reader who edits one edits all.
        return json.dumps(read_yaml(self.path))


def resolver(document: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """A function that follows the references of a node within the document until there is none. Raises KeyError."""

    def resolve(node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = document
            for step in node["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            node = found
        return node

    return resolve


def shipped_path(name: str = SHIPPED) -> Path:
    """Where a shipped file of a contract lies, named from the top of the project: in the checkout, else in the wheel.

    Raises FileNotFoundError, naming both places, when neither is there.
    """
    checkout = Path(__file__).resolve().parents[2] / name
    if checkout.is_file():
        return checkout
    installed = _installed(name)
    if installed is None:
        message = f"The contract is missing: neither {checkout} nor audio_contract/{name} of an installed wheel exists."
        raise FileNotFoundError(message)
    return installed


def _installed(name: str) -> Path | None:
    try:
        candidate = Path(str(files("audio_contract") / name))
    except ModuleNotFoundError:
        return None
    return candidate if candidate.is_file() else None


def _without_undecided(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_undecided(item) for item in node if item != _TAKEN_OR_REFUSED]
    if isinstance(node, dict):
        return {key: _without_undecided(value) for key, value in node.items()}
    return node

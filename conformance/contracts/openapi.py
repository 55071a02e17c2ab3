"""The contract file: where it lies, its bytes, its document.

A checkout has `openapi.yaml` at its top; an installed wheel carries the same file in the data folder `audio_contract`.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

_NAME = "openapi.yaml"
_TAKEN_OR_REFUSED = {"$ref": "#/components/schemas/TakenOrRefused"}


def path() -> Path:
    """Where `openapi.yaml` lies: the checkout's own file, else the one that the wheel installed.

    Raises FileNotFoundError, naming both places, when neither is there.
    """
    checkout = Path(__file__).resolve().parents[2] / _NAME
    if checkout.is_file():
        return checkout
    installed = _installed()
    if installed is None:
        message = (
            f"The contract is missing: neither {checkout} nor audio_contract/{_NAME} of an installed wheel exists."
        )
        raise FileNotFoundError(message)
    return installed


def raw() -> bytes:
    """Return the file's bytes, unchanged."""
    return path().read_bytes()


def load() -> dict[str, Any]:
    """Return the OpenAPI document as plain JSON values: a fresh copy, no part of which is shared with another."""
    document: dict[str, Any] = json.loads(_document())
    return document


def load_promised() -> dict[str, Any]:
    """Return the document without the values that a gateway may take or refuse (`TakenOrRefused`).

    What is valid here must be accepted; what is invalid under `load()` must be refused; the rest is not judged.
    """
    document: dict[str, Any] = _without_undecided(load())
    return document


@cache
def _document() -> str:
    # Through JSON text, because YAML's aliases make one object of several places: a reader who edits one edits all.
    return json.dumps(yaml.safe_load(raw()))


def _installed() -> Path | None:
    try:
        candidate = Path(str(files("audio_contract") / _NAME))
    except ModuleNotFoundError:
        return None
    return candidate if candidate.is_file() else None


def _without_undecided(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_undecided(item) for item in node if item != _TAKEN_OR_REFUSED]
    if isinstance(node, dict):
        return {key: _without_undecided(value) for key, value in node.items()}
    return node

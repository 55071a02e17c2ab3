"""What is known of each peer: the files of `catalogue/`, one for each, read strictly.

Names that stand in a file for what is known only when a peer is started:

- `$FOLDER` where the package is installed, `$SITE` where its Python packages are, `$WORK` a folder for this run
- `$PORT` where the peer is to listen, `$PROVIDER` the origin of the provider behind it, `$PROVIDER_PORT` its port
- `$KEY` the provider's key, `$TOKEN` a client's
- `$PYTHON` this program's Python, `$CHECKOUT` its checkout, `$SPEECH_MP3` a spoken sentence in base64
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, TypeVar

import msgspec

from benchmarks.peers.installing import Package

_FILES = Path(__file__).with_name("catalogue")
_Any = TypeVar("_Any")


class Peer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A gateway or server that people use, as it is started here.

    - `start` is its command, `ready` a path that answers once it serves, `headers` go with every request
    - `provider` is false for one that answers by itself; `serves` are the operations that a load can ask of it
    - `target` is what a target file declares of it beside where it is; `lacks` are the capabilities (`models` of a target
      file) that `doctor` did not find, so that they are not declared; `run` are options of a run of the suite
    - `judged` is false for one that would only say what it was told to
    """

    package: Package | None = None
    start: tuple[str, ...]
    environment: dict[str, str] = {}
    files: dict[str, str] = {}
    ready: str
    headers: dict[str, str] = {}
    provider: bool = True
    base_path: str = "/v1"
    serves: tuple[str, ...] = ("speech", "transcription")
    judged: bool = True
    lacks: tuple[str, ...] = ()
    run: tuple[str, ...] = ()
    target: dict[str, Any] = {}

    def with_values(self, values: Mapping[str, str]) -> Peer:
        """The same with the names filled in. Raises KeyError for a name that nothing is known of."""
        return msgspec.convert(_filled(msgspec.to_builtins(self), values), Peer)


def peers() -> dict[str, Peer]:
    """All of them, by name. Raises msgspec.ValidationError for a file with an unknown key or a wrong value."""
    return {file.stem: msgspec.yaml.decode(file.read_bytes(), type=Peer) for file in sorted(_FILES.glob("*.yaml"))}


def _filled(value: _Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return Template(value).substitute(values)
    if isinstance(value, dict):
        return {key: _filled(each, values) for key, each in value.items()}
    return [_filled(each, values) for each in value] if isinstance(value, (list, tuple)) else value

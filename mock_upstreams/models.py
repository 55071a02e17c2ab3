"""The models and deployments that the mock knows, and for which operations."""

from __future__ import annotations

from typing import Annotated, get_args

import msgspec
from msgspec import Meta

from mock_upstreams.requests import Operation

ALL_OPERATIONS: tuple[Operation, ...] = get_args(Operation)

# OpenAI's audio models. Which of those that transcribe also translate is checked in strict mode only.
_MODELS_BY_OPERATIONS: dict[tuple[Operation, ...], tuple[str, ...]] = {
    ("speech",): (
        "tts-1",
        "tts-1-1106",
        "tts-1-hd",
        "tts-1-hd-1106",
        "gpt-4o-mini-tts",
        "gpt-4o-mini-tts-2025-03-20",
        "gpt-4o-mini-tts-2025-12-15",
    ),
    ("transcription", "translation"): (
        "whisper-1",
        "gpt-transcribe",
        "gpt-4o-transcribe",
        "gpt-4o-transcribe-diarize",
        "gpt-4o-mini-transcribe",
        "gpt-4o-mini-transcribe-2025-03-20",
        "gpt-4o-mini-transcribe-2025-12-15",
    ),
}

OPENAI_MODELS = frozenset(name for names in _MODELS_BY_OPERATIONS.values() for name in names)

Name = Annotated[str, Meta(min_length=1)]
Named = list[Name] | dict[Name, list[Operation]]


class Registration(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Names to know: a plain list means every operation, a mapping names the operations of each."""

    models: Named = []
    deployments: Named = []


class KnownModels:
    """Models and deployments by name, each with its operations."""

    def __init__(self) -> None:
        self.models: dict[str, set[Operation]] = {}
        self.deployments: dict[str, set[Operation]] = {}
        for operations, names in _MODELS_BY_OPERATIONS.items():
            _learn(self.models, {name: list(operations) for name in names})

    def add(self, registration: Registration) -> None:
        """Knows these too; a name already known gains the operations."""
        _learn(self.models, registration.models)
        _learn(self.deployments, registration.deployments)

    def shown(self) -> dict[str, dict[str, list[Operation]]]:
        """Returns all that is known, operations in a fixed order."""
        return {"models": _shown(self.models), "deployments": _shown(self.deployments)}


def _learn(known: dict[str, set[Operation]], names: Named) -> None:
    by_name = names if isinstance(names, dict) else {name: list(ALL_OPERATIONS) for name in names}
    for name, operations in by_name.items():
        known.setdefault(name, set()).update(operations)


def _shown(known: dict[str, set[Operation]]) -> dict[str, list[Operation]]:
    return {name: [one for one in ALL_OPERATIONS if one in known[name]] for name in sorted(known)}

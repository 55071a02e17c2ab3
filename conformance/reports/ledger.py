"""The one ledger of a run: an append-only list of events. Every report is a pure function of it.

Events hold plain data with secrets already replaced, so that what is written can be shown to anybody.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from conformance.contracts.requirements import Requirement


class RunStarted(msgspec.Struct, frozen=True, tag="run-started"):
    """``suite`` has version, catalogue, seed and effort; ``planned`` counts the requirements that will run."""

    suite: dict[str, Any]
    target: dict[str, Any]
    started: str
    command: str
    requirements: tuple[Requirement, ...]
    planned: tuple[str, ...]


class LeftUndecided(msgspec.Struct, frozen=True, tag="left-undecided"):
    requirement: str
    verdict: str
    reason: str


class CheckFinished(msgspec.Struct, frozen=True, tag="check-finished"):
    """One check of one requirement came to an end; ``findings`` are those of report.json."""

    requirement: str
    check: str
    outcome: str
    duration_s: float
    reason: str = ""
    findings: tuple[dict[str, Any], ...] = ()


class SchemaCovered(msgspec.Struct, frozen=True, tag="schema-covered"):
    """What of openapi.yaml the run exercised; ``summary`` is that of report.json's ``schema_coverage``."""

    summary: dict[str, Any]


class RunFinished(msgspec.Struct, frozen=True, tag="run-finished"):
    duration_s: float
    problem: str = ""


Event = RunStarted | LeftUndecided | CheckFinished | SchemaCovered | RunFinished
Listener = Callable[[Event], None]


class Ledger:
    """Takes events from any thread, in order, and tells listeners. With a path it also writes them, one JSON line each."""

    def __init__(self, path: Path | None = None) -> None:
        self._events: list[Event] = []
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._file = path.open("w", encoding="utf-8") if path else None

    @property
    def events(self) -> tuple[Event, ...]:
        with self._lock:
            return tuple(self._events)

    def listen(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def append(self, event: Event) -> None:
        with self._lock:
            self._events.append(event)
            if self._file:
                self._file.write(json.dumps(msgspec.to_builtins(event), ensure_ascii=False) + "\n")
                self._file.flush()
            for listener in self._listeners:
                listener(event)

    def close(self) -> None:
        if self._file:
            self._file.close()


def read_ledger(path: Path) -> tuple[Event, ...]:
    """The events of a ledger file. Raises msgspec.DecodeError where it is none."""
    decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Event)
    return tuple(decoder.decode(line) for line in path.read_bytes().splitlines() if line)

"""The one ledger of a run: an append-only list of events. Every report is a pure function of it.

Events hold plain data with secrets already replaced, so that what is written can be shown to anybody.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from conformance.contracts import DEFAULT, Requirement
from conformance.coverage import Summary
from conformance.reports.baseline import Baseline
from conformance.reports.findings import AudioReport, FindingReport
from conformance.reports.latency import LatencyReport
from conformance.reports.measurements import MeasurementReport
from conformance.reports.verdicts import Outcome, Verdict


class SuiteReport(msgspec.Struct, frozen=True):
    """Which suite judged, and how: the same seed and effort give the same cases."""

    version: str
    catalogue: str
    seed: int
    effort: str


class RunStarted(msgspec.Struct, frozen=True, tag="run-started"):
    """`target` is redacted; `requirements` are those selected, `planned` the ids of those that will run."""

    suite: SuiteReport
    target: dict[str, Any]
    started: str
    command: str
    requirements: tuple[Requirement, ...]
    planned: tuple[str, ...]
    contract: str = DEFAULT


class LeftUndecided(msgspec.Struct, frozen=True, tag="left-undecided"):
    """A requirement that does not run, with the verdict that it has all the same."""

    requirement: str
    verdict: Verdict
    reason: str


class CheckFinished(msgspec.Struct, frozen=True, tag="check-finished"):
    """One check of one requirement came to an end; `findings` are those of report.json."""

    requirement: str
    check: str
    outcome: Outcome
    duration_s: float
    reason: str = ""
    findings: tuple[FindingReport, ...] = ()


class AudioKept(msgspec.Struct, frozen=True, tag="audio-kept"):
    """A recording that a finding accuses, kept once however many findings do."""

    audio: AudioReport


class LatencyMeasured(msgspec.Struct, frozen=True, tag="latency-measured"):
    """How long the run's successes took, by operation: report.json's `latency`."""

    operations: tuple[LatencyReport, ...]


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """How quick the gateway was before the run began: report.json's `measurements`."""

    operations: tuple[MeasurementReport, ...]


class SchemaCovered(msgspec.Struct, frozen=True, tag="schema-covered"):
    """What of the contract's OpenAPI document the run exercised: report.json's `schema_coverage`."""

    summary: Summary


class GatewayRested(msgspec.Struct, frozen=True, tag="gateway-rested"):
    """A time in which plain valid requests of an operation were refused; `pattern` tells it in one sentence."""

    operation: str
    pattern: str
    duration_s: float
    ended: bool


class Remarked(msgspec.Struct, frozen=True, tag="remarked"):
    """What a first look at the gateway suggests to whoever reads the findings, in one sentence without its full stop."""

    text: str


class BaselineGiven(msgspec.Struct, frozen=True, tag="baseline-given"):
    """What is known of the gateway, and on which day the run asks."""

    baseline: Baseline
    today: date


class StrictnessGiven(msgspec.Struct, frozen=True, tag="strictness-given"):
    """What is unsteady fails, too."""


class RunFinished(msgspec.Struct, frozen=True, tag="run-finished"):
    """The end of the run; `problem` says what kept it from judging all that it planned."""

    duration_s: float
    problem: str = ""


Event = (
    RunStarted
    | LeftUndecided
    | CheckFinished
    | AudioKept
    | LatencyMeasured
    | Measured
    | SchemaCovered
    | GatewayRested
    | Remarked
    | BaselineGiven
    | StrictnessGiven
    | RunFinished
)
Listener = Callable[[Event], None]


class Ledger:
    """Takes events from any thread, in order, and passes them to listeners. With a path it writes them, a JSON line each."""

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

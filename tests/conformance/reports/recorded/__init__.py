"""What the suite found in a sample of mutants, one run a line; `python -m tests.mutants.recording` makes it."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec

from conformance.reports.entries import RequirementReport

_FILE = Path(__file__).with_name("mutants.jsonl")


class Recorded(msgspec.Struct, frozen=True):
    """One run: its kind (`one` fault, the same at another `seed`, `two` faults), its mutants, and what was violated."""

    run: str
    requirements: tuple[RequirementReport, ...]

    @property
    def kind(self) -> str:
        return self.run.split("--")[0]

    @property
    def mutants(self) -> tuple[str, ...]:
        return tuple(self.run.split("--")[1:])

    @property
    def accused(self) -> frozenset[str]:
        return frozenset(entry.id for entry in self.requirements)


@functools.cache
def recorded(kind: str) -> tuple[Recorded, ...]:
    """The runs of a kind in which something was violated."""
    runs = (msgspec.json.decode(line, type=Recorded) for line in _FILE.read_bytes().splitlines())
    return tuple(each for each in runs if each.kind == kind and each.requirements)

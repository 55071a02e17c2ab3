"""What a variant is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants.fault import Fault


@dataclass(frozen=True, slots=True)
class Variant:
    """A legal gateway. `why` names the words of the contract that allow it."""

    name: str
    fault: Fault
    why: str
    workers: int = 1

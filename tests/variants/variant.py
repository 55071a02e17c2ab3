"""What a variant is."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants.fault import Fault
from tests.variants.proxies.programs import Deployment


@dataclass(frozen=True, slots=True)
class Variant:
    """A legal gateway. `why` names the words of the contract that allow it.

    One of several `workers`, or `behind` a proxy, is the reference server as it ships; it has no fault. `alone` is the mock
    with no gateway before it.
    """

    name: str
    fault: Fault
    why: str
    workers: int = 1
    behind: Deployment | None = None
    alone: bool = False

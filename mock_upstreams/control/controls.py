"""What the control API works on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mock_upstreams.caching import CacheCounts
from mock_upstreams.gates import Gates
from mock_upstreams.journal import Journal
from mock_upstreams.models import KnownModels
from mock_upstreams.scripts import ScriptBook


@dataclass(frozen=True, slots=True)
class Controls:
    """The parts of a mock that a test may see or change."""

    token: str
    version: str
    strict: bool
    known: KnownModels
    scripts: ScriptBook
    journal: Journal
    gates: Gates
    cache_counts: Callable[[], dict[str, CacheCounts]] | None = None

"""How a run is made: what a command line says of it, beside the gateway."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EXAMPLES = {"quick": 5, "standard": 25, "thorough": 200}
"""How many generated cases a check tries, by effort."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: `command` is what reruns it, without --select."""

    select: tuple[str, ...] = ()
    effort: str = "standard"
    seed: int = 0
    workers: int = 8
    report_dir: Path | None = None
    command: str = "audio-conformance run"

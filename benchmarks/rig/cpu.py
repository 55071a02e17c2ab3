"""The CPU time of processes, as Linux counts it in ``/proc``."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from benchmarks.rig.memory import tree_of

_TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def cpu_ms(pid: int) -> float:
    """What a process and its descendants have used so far, in milliseconds; those that ended are not counted."""
    total = 0.0
    for each in tree_of(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) * _TICK_MS
    return total

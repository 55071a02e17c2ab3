"""How long a gateway took to answer, by operation: what was seen while the suite was at work, and no benchmark.

Times are of successes only, from the first byte sent to the last received, beside whatever else the run was doing then.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import defaultdict
from itertools import pairwise
from statistics import quantiles

import msgspec

# Milliseconds: the lower bounds of the histogram's classes, each twice the one before.
BOUNDS = (0.0, *(float(2**exponent) for exponent in range(16)))


class LatencyReport(msgspec.Struct, frozen=True):
    """The times of one operation in milliseconds; `histogram` counts them by the classes of `BOUNDS`."""

    operation: str
    count: int
    median_ms: float
    p95_ms: float
    longest_ms: float
    histogram: tuple[int, ...]


class Stopwatch:
    """Collects the times of answers by operation, from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._times: defaultdict[str, list[float]] = defaultdict(list)

    def note(self, operation: str, elapsed_s: float) -> None:
        """Takes one success into account."""
        with self._lock:
            self._times[operation].append(elapsed_s * 1000)

    def reports(self) -> tuple[LatencyReport, ...]:
        """One report for each operation that answered, by name."""
        with self._lock:
            return tuple(latency_of(name, self._times[name]) for name in sorted(self._times))


def latency_of(operation: str, times_ms: list[float]) -> LatencyReport:
    """The report of an operation's times, of which there is one at least."""
    cuts = quantiles(times_ms, n=20, method="inclusive") if len(times_ms) > 1 else times_ms * 19
    counts = [0] * len(BOUNDS)
    for time in times_ms:
        counts[bisect_right(BOUNDS, time) - 1] += 1
    median_ms, p95_ms, longest_ms = (round(figure, 1) for figure in (cuts[9], cuts[18], max(times_ms)))
    return LatencyReport(operation, len(times_ms), median_ms, p95_ms, longest_ms, tuple(counts))


def classes() -> tuple[str, ...]:
    """The names of the histogram's classes, e.g. `16-32 ms`."""
    return (*(f"{low:g}-{high:g} ms" for low, high in pairwise(BOUNDS)), f"over {BOUNDS[-1]:g} ms")

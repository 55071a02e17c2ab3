"""Reports of ever more findings: time, memory and bytes."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.curves.apart import apart, peak_mb
from benchmarks.curves.curve import Curve, Figures, Line
from conformance.reports import files
from conformance.reports.console import show
from conformance.reports.report import fold
from tests.conformance.reports.broken_run import broken

_TIME, _MEMORY, _SIZE, _PAGE = "to fold and write", "peak", "all files", "report.html"


def _report(findings: int) -> Figures:
    """Runs in a process of its own. The ledger is made up, and in memory before."""
    ledger = broken(findings)
    began = time.process_time()
    report = fold(ledger)
    with TemporaryDirectory() as folder:
        files.write(report, Path(folder))
        show(report, Console(file=io.StringIO()))
        spent = time.process_time() - began
        sizes = {path.name: path.stat().st_size for path in Path(folder).iterdir()}
    return {_TIME: spent, _MEMORY: peak_mb(), _SIZE: sum(sizes.values()) / 1e6, _PAGE: sizes[_PAGE] / 1e6}


def _measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    for size in sizes:
        yield size, apart(_report, size)


CURVE = Curve(
    "findings",
    "The reports of ever more findings",
    "findings",
    (1, 10, 100, 1_000, 5_000),
    (
        Line(_TIME, "CPU s", most=1),
        Line(_MEMORY, "MB", most=1),
        Line(_SIZE, "MB of files", most=1),
        Line(_PAGE, "MB of files", most=1),
    ),
    _measure,
)

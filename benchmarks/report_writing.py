"""How long reports of many findings take to write, how large they get, and how much memory that needs.

    python -m benchmarks.report_writing [--findings 400 5000]

Each number is measured in a process of its own: processor seconds for folding the ledger and writing every report, the peak
of resident memory, the size of each file. The ledger is made up (tests/conformance/reports/broken_run.py), and in memory
before.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from conformance.reports import files
from conformance.reports.console import show
from conformance.reports.report import fold
from tests.conformance.reports.broken_run import broken


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.report_writing", description=__doc__)
    parser.add_argument("--findings", type=int, nargs="+", default=[400, 5000])
    for count in parser.parse_args().findings:
        process = multiprocessing.get_context("spawn").Process(target=_measure, args=(count,))
        process.start()
        process.join()
    return 0


def _measure(count: int) -> None:
    ledger = broken(count)
    began = time.process_time()
    report = fold(ledger)
    folded = time.process_time()
    with TemporaryDirectory() as folder:
        files.write(report, Path(folder))
        show(report, Console(file=io.StringIO()))
        written = time.process_time()
        sizes = {path.name: path.stat().st_size for path in sorted(Path(folder).iterdir())}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _say(f"{count} findings: fold {folded - began:.2f} s, write {written - folded:.2f} s, peak {peak} MB")
    for name, size in sizes.items():
        _say(f"  {name:<18}{size / 1e6:8.2f} MB")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command speaks


if __name__ == "__main__":
    raise SystemExit(main())

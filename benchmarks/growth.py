"""How does cost grow: with texts, uploads, connections, workers, models, tokens, recorded calls, scripts and findings?

    python -m benchmarks.growth [--only NAME ...] [--rounds 3] [--upto N] [--out DIR]

Measures each curve in interleaved rounds, fits the power of the size that each figure grows with (the slope of its medians
with both axes logarithmic), and writes figures (JSON) and a plot (SVG) of each. No cost may grow faster than its size, and
looking something up may not grow at all: exit status 1 where one does, by more than noise. CPU time is that of the process
that is measured; clients are not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.curves import calls, clients, names, reports, scripts, texts, uploads
from benchmarks.curves.curve import Curve, Measured
from benchmarks.curves.drawing import draw
from benchmarks.rig.report import Report

CURVES = {
    each.name: each
    for each in (
        texts.CURVE,
        uploads.CURVE,
        clients.CONNECTIONS,
        clients.WORKERS,
        names.MODELS,
        names.TOKENS,
        calls.CURVE,
        scripts.CURVE,
        reports.CURVE,
    )
}
_OUT = Path(__file__).parent / "results" / "growth"


def measure(curve: Curve, sizes: Sequence[int], rounds: int, report: Report) -> list[Measured]:
    """All lines of a curve over the sizes, told as they come."""
    measured = {line.name: Measured(line) for line in curve.lines}
    for turn in range(rounds):
        for size, figures in curve.measure(sizes):
            for name, figure in figures.items():
                measured[name].samples.setdefault(size, []).append(figure)
            told = ", ".join(f"{name} {figure:.3g} {measured[name].line.unit}" for name, figure in figures.items())
            report.say(f"  round {turn + 1}, {size}: {told}")
    return [each for each in measured.values() if each.samples]


def judge(measured: Sequence[Measured], report: Report) -> None:
    """Says each line's power, and whether that is allowed."""
    for each in measured:
        line = each.line
        named = {"at most": line.most, "at least": line.least}
        bounds = [f"{word} {power:g}" for word, power in named.items() if power is not None]
        text = f"{line.name}: power {each.power:.2f}"
        if bounds:
            report.promise(f"{text} ({', '.join(bounds)})", kept=each.is_kept)
        else:
            report.say(f"         {text}")


def keep(curve: Curve, measured: Sequence[Measured], folder: Path) -> None:
    """Writes figures and plot."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "curve": curve.name,
        "title": curve.title,
        "size": curve.size,
        "measured": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "lines": [
            {
                "name": each.line.name,
                "unit": each.line.unit,
                "power": round(each.power, 3),
                "allowed": each.line.most,
                "samples": {
                    str(size): [float(f"{value:.4g}") for value in found] for size, found in each.samples.items()
                },
            }
            for each in measured
        ],
    }
    (folder / f"{curve.name}.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    draw(curve, measured, folder / f"{curve.name}.svg")


def _chosen(only: Sequence[str]) -> Iterator[Curve]:
    yield from (CURVES[name] for name in only or CURVES)


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=sorted(CURVES), default=(), metavar="NAME", help="these curves")
    parser.add_argument("--rounds", type=int, default=3, help="interleaved repetitions (default: 3)")
    parser.add_argument("--upto", type=int, help="leave out larger sizes: for a look")
    parser.add_argument(
        "--out", type=Path, default=_OUT, help="where figures and plots go (default: benchmarks/results)"
    )
    arguments = parser.parse_args()
    report = Report()
    for curve in _chosen(arguments.only):
        report.say(f"{curve.name}: {curve.title}")
        sizes = [size for size in curve.sizes if arguments.upto is None or size <= arguments.upto]
        measured = measure(curve, sizes, arguments.rounds, report)
        judge(measured, report)
        keep(curve, measured, arguments.out)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())

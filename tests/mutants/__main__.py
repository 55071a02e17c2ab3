"""Prints the kill matrix: `python -m tests.mutants [--select GLOB] [--breadth named|area|whole] [--report FILE.md]`.

Exit status 1 when a mutant survives, or when the gateway without a fault is not conforming under the same set-up.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from pathlib import Path

from tests.mutants.fault import AUDIO_API, Mutant
from tests.mutants.matrix import BREADTHS, Row, kill, line, markdown, unmutated
from tests.mutants.registry import select


def main() -> int:
    arguments = _parser().parse_args()
    # The gateway, the mock and the suite's client are all in this process and would talk over the table.
    logging.disable(logging.CRITICAL)
    mutants = _slice(select(arguments.select, arguments.contract), arguments.slice)
    sound = unmutated(mutants, arguments.breadth, arguments.effort, arguments.seed)
    _say(f"without a fault: status {sound.status}, accused of {', '.join(sound.failed) or 'nothing'}")
    for name in sound.reasons if sound.status else ():
        _say(f"  {name}: {sound.verdicts[name]}: {sound.reasons[name]}")
    rows: list[Row] = []
    for seed in range(arguments.seed, arguments.seed + arguments.seeds):
        for row in kill(mutants, arguments.breadth, arguments.effort, seed):
            _say(line(row))
            rows.append(row)
    survivors = [row for row in rows if not row.killed]
    _say(f"{len(rows) - len(survivors)} of {len(rows)} mutants killed")
    if arguments.report:
        beside = json.loads(arguments.beside.read_text("utf-8")) if arguments.beside else {}
        arguments.report.write_text(markdown(rows, beside), "utf-8")
    if arguments.json:
        verdicts = {row.mutant.name: {"killed": row.killed, "line": line(row)} for row in rows}
        arguments.json.write_text(json.dumps({"sound": sound.status, "mutants": verdicts}), "utf-8")
    return 1 if survivors or sound.status else 0


def _slice(mutants: tuple[Mutant, ...], of: str) -> tuple[Mutant, ...]:
    """The i-th of n equal shares, for runs side by side."""
    index, _, count = of.partition("/")
    return mutants[int(index) :: int(count)]


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command speaks


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument(
        "--select", action="append", default=[], metavar="GLOB", help="mutants by name or requirement; repeatable"
    )
    parser.add_argument("--contract", default=AUDIO_API, help="which gateways: those that speak this contract")
    parser.add_argument("--breadth", choices=list(BREADTHS), default="named", help="how much is run on each mutant")
    parser.add_argument("--effort", choices=["quick", "standard", "thorough"], default="quick")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds, one pass each")
    parser.add_argument("--slice", default="0/1", metavar="I/N", help="only each N-th mutant, from the I-th on")
    parser.add_argument("--report", type=Path, metavar="FILE.md", help="where the table goes")
    parser.add_argument("--beside", type=Path, metavar="FILE.json", help="figures of benchmarks.schemathesis_baseline")
    parser.add_argument("--json", type=Path, metavar="FILE.json", help="where the verdicts go, for a program")
    return parser


if __name__ == "__main__":
    sys.exit(main())

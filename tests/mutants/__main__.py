"""Prints the kill matrix: `python -m tests.mutants [--select GLOB] [--breadth named|area|whole] [--report FILE.md]`.

Exit status 1 when a mutant survives, or when the gateway without a fault is not conforming under the same set-up.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from tests.mutants.fault import AUDIO_API
from tests.mutants.matrix import BREADTHS, Row, kill, kill_each, line, markdown, unmutated
from tests.mutants.registry import borrowed, select


def main() -> int:
    arguments = _parser().parse_args()
    # The gateway, the mock and the suite's client are all in this process and would talk over the table.
    logging.disable(logging.CRITICAL)
    if arguments.shared:
        return _shared(arguments)
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


def _shared(arguments: argparse.Namespace) -> int:
    """Is each MUST that a contract shares with the Audio API found broken in a gateway that speaks it, too?"""
    mutants = borrowed(arguments.contract)
    chosen = [name for name in mutants if any(fnmatchcase(name, glob) for glob in arguments.select or ["*"])]
    wanted = _slice(tuple(chosen), arguments.slice)
    killed: dict[str, bool] = {}
    for row in kill_each({name: mutants[name] for name in wanted}, arguments.effort, arguments.seed):
        killed[row.mutant.kills] = row.killed
        if row.killed or row.mutant == mutants[row.mutant.kills][-1]:
            _say(line(row))
    _say(f"{sum(killed.values())} of {len(killed)} shared MUSTs are found broken by a mutant of the Audio API")
    return 0 if all(killed.values()) else 1


def _slice(mutants: tuple[Any, ...], of: str) -> tuple[Any, ...]:
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
    parser.add_argument(
        "--shared",
        action="store_true",
        help="MUSTs that the contract shares with the Audio API, each by that one's mutants until one dies",
    )
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

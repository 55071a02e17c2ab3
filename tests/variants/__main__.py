"""Prints variants x verdicts: `python -m tests.variants [--select GLOB] [--seeds N] [--whole N] [--effort quick]`.

A seed only changes what is drawn: the first seeds judge every requirement (``--whole``, one of them unless told
otherwise), the others those with drawn cases. Exit status 1 when a variant is not conforming; the requirement that accused it is named.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from fnmatch import fnmatchcase
from pathlib import Path

from tests.mutants.judging import DRAWN, Judgement, judge, shared_mock
from tests.mutants.place import Mock
from tests.variants.catalogue import VARIANTS, Variant
from tests.variants.processes import judge_deployment, judge_mock, judge_processes, judge_relay


def main() -> int:
    arguments = _parser().parse_args()
    logging.disable(logging.CRITICAL)
    chosen = [each for each in VARIANTS if any(fnmatchcase(each.name, glob) for glob in arguments.select or ["*"])]
    index, _, count = arguments.slice.partition("/")
    accused: dict[str, list[str]] = {}
    with shared_mock() as mock:
        for variant in chosen[int(index) :: int(count)]:
            if variant.behind and variant.behind.lacks:
                _say(f"skipped     {variant.name}: {variant.behind.lacks}")
                continue
            accused[variant.name] = [
                f"seed {seed}: {line}"
                for seed in range(arguments.seed, arguments.seed + arguments.seeds)
                for line in _judged(variant, mock, arguments.effort, seed, _select(arguments, seed))
            ]
    if arguments.json:
        arguments.json.write_text(json.dumps(accused), "utf-8")
    return 1 if any(accused.values()) else 0


def _select(arguments: argparse.Namespace, seed: int) -> tuple[str, ...]:
    return () if seed < arguments.seed + arguments.whole else DRAWN


def _judged(variant: Variant, mock: Mock, effort: str, seed: int, select: tuple[str, ...]) -> list[str]:
    """What the suite accuses the variant of; prints a line for it."""
    try:
        found = _judgement(variant, mock, effort, seed, select)
    except Exception as error:  # noqa: BLE001 - the next variant is judged all the same
        _say(f"BROKEN      {variant.name}  seed {seed}: {type(error).__name__}: {error}")
        return [f"the suite broke: {type(error).__name__}: {error}"]
    warned = len(found.accused) - len(found.failed)
    undecided = [name for name, verdict in found.verdicts.items() if verdict in {"blocked", "error"}]
    mark = "conforming " if found.status == 0 else f"STATUS {found.status}   "
    _say(f"{mark} {variant.name}  seed {seed}  {warned} warned, {len(undecided)} blocked, {found.seconds:.0f} s")
    lines = [f"{name}: {found.reasons[name]}" for name in (*found.failed, *undecided)]
    for each in lines:
        _say(f"    {each}")
    return lines if found.status else []


def _judgement(variant: Variant, mock: Mock, effort: str, seed: int, select: tuple[str, ...]) -> Judgement:
    if variant.alone:
        return judge_mock(mock, select, effort, seed)
    if variant.behind and variant.behind.relays:
        return judge_relay(variant.behind, mock, select, effort, seed)
    if variant.behind:
        return judge_deployment(variant.behind, mock, select, effort, seed)
    if variant.workers > 1:
        return judge_processes(variant.workers, mock, select, effort, seed)
    return judge(variant.fault, mock, select, effort, seed)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command speaks


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.variants", description=__doc__)
    parser.add_argument("--select", action="append", default=[], metavar="GLOB", help="variants by name; repeatable")
    parser.add_argument("--effort", choices=["quick", "standard", "thorough"], default="quick")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--whole", type=int, default=1, help="how many seeds judge every requirement")
    parser.add_argument("--slice", default="0/1", metavar="I/N", help="only each N-th variant, from the I-th on")
    parser.add_argument("--json", type=Path, metavar="FILE.json", help="where the accusations go, for a program")
    return parser


if __name__ == "__main__":
    sys.exit(main())

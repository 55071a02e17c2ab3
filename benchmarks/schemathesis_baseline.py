"""What plain Schemathesis finds of the mutants: `schemathesis run openapi.yaml` against each, and how long it takes.

    python -m benchmarks.schemathesis_baseline [--select GLOB]... [--every N] [--max-examples N] [--json FILE.json]

Only mutants whose fault a client can see are tried. One counts as found when Schemathesis reports a failure, on an
operation, that it does not report of the gateway without a fault. Its check that every valid request is accepted is left
out: of the sound gateway it reports three, because model keys and audio cannot be drawn from a schema. The JSON file goes
into the kill matrix's table with `python -m tests.mutants --beside FILE.json`.
"""

from __future__ import annotations

import argparse
import json
import logging
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.exchange import BASE_PATH
from tests.mutants.fault import Fault
from tests.mutants.judging import shared_mock
from tests.mutants.place import TOKEN, Mock, running
from tests.mutants.registry import select
from tests.servers import CHECKOUT

_RUN_S = 120
_OPERATION = re.compile(r"^_+ (?P<operation>\S+ \S+) _+$|^- (?P<failure>ST\d+ .*|[A-Z].*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Tried:
    """What one run reported, as (operation, failure), and its seconds. Status 1 is a failure, others are none."""

    reported: frozenset[tuple[str, str]]
    seconds: float


def main() -> None:
    arguments = _parser().parse_args()
    logging.disable(logging.CRITICAL)
    mutants = [each for each in select(arguments.select) if seen_by_clients(each.fault)][:: arguments.every]
    found: dict[str, dict[str, float | bool]] = {}
    with shared_mock() as mock:
        sound = try_on(Fault(), mock, arguments.max_examples)
        _say(f"without a fault: {len(sound.reported)} reported, {sound.seconds:.1f} s")
        for mutant in mutants:
            tried = try_on(mutant.fault, mock, arguments.max_examples)
            new = tried.reported - sound.reported
            found[mutant.name] = {"found": bool(new), "seconds": round(tried.seconds, 1)}
            what = "; ".join(sorted(failure for _, failure in new))
            _say(f"{'found ' if new else 'missed'} {mutant.name}  {tried.seconds:.1f} s  {what}")
    _summarise(found)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1), "utf-8")


def seen_by_clients(fault: Fault) -> bool:
    """Whether the fault is at the client's side: not in what providers are sent, in limits, or in the end of a process."""
    return bool(fault.around) and not (fault.wire or fault.upstreams or fault.settings or fault.lifecycle)


def try_on(fault: Fault, mock: Mock, max_examples: int) -> Tried:
    """One run of Schemathesis's command line, with its defaults but for the number of examples."""
    with running(fault, mock) as (_, port):
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(CHECKOUT / "openapi.yaml")),
            *("--url", f"http://127.0.0.1:{port}{BASE_PATH}", "--header", f"Authorization: Bearer {TOKEN}"),
            *("--max-examples", str(max_examples), "--seed", "1", "--request-timeout", "15", "--no-color"),
            *("--continue-on-failure", "--exclude-checks", "positive_data_acceptance"),
        ]
        began = time.monotonic()
        try:
            said = subprocess.run(command, capture_output=True, text=True, timeout=_RUN_S, check=False).stdout  # noqa: S603
        except subprocess.TimeoutExpired:
            said = ""
        return Tried(_reported(said), time.monotonic() - began)


def _reported(said: str) -> frozenset[tuple[str, str]]:
    operation, found = "", set()
    for line in _OPERATION.finditer(said):
        operation = line["operation"] or operation
        if line["failure"]:
            found.add((operation, line["failure"]))
    return frozenset(found)


def _summarise(found: dict[str, dict[str, float | bool]]) -> None:
    hits = sum(bool(each["found"]) for each in found.values())
    seconds = sum(float(each["seconds"]) for each in found.values())
    _say(f"Schemathesis finds {hits} of {len(found)} mutants, {seconds / max(len(found), 1):.1f} s each")


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a benchmark speaks


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.schemathesis_baseline")
    parser.add_argument("--select", action="append", default=[], metavar="GLOB", help="mutants by name or requirement")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only each N-th mutant")
    parser.add_argument("--max-examples", type=int, default=20, metavar="N", help="examples per operation")
    parser.add_argument("--json", type=Path, metavar="FILE.json", help="where the figures go")
    return parser


if __name__ == "__main__":
    main()

"""Records what the suite finds in a sample of mutants: `python -m tests.mutants.recording FOLDER [--pack FILE.jsonl]`.

What a run found is data for tests that need many broken gateways and cannot run them: a report for each mutant, for some at
a second seed, and for pairs of faults in one gateway. A report holds the mutant's area and a part of what else asks the same
operation. `--pack` runs nothing: it writes what was violated in each report of the folder as a line, evidence cut short.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import sys
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from conformance import cli, contracts
from conformance.reports.entries import RequirementReport
from conformance.reports.findings import ExchangeReport, FindingReport, ResponseReport
from conformance.reports.report import Report
from conformance.reports.verdicts import Verdict
from tests.mutants.fault import Fault, Mutant
from tests.mutants.judging import shared_mock
from tests.mutants.place import running
from tests.mutants.registry import all_mutants

_ROUTES = {"speech", "transcriptions", "translations"}
# They take long, and say of most faults nothing that others do not.
_SLOW = {"generated", "lifecycle", "concurrency"}
_OTHER_SEED = 7
_TEXT = 240
_FINDINGS = 3


def main() -> int:
    arguments = _parser().parse_args()
    logging.disable(logging.CRITICAL)
    if arguments.pack:
        arguments.pack.write_text("".join(_packed(arguments.folder)), "utf-8")
        return 0
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with shared_mock() as mock:
        for name, fault, kills, seed in _runs(sample(arguments.per_area, arguments.shift)):
            report = arguments.folder / name
            if (report / "report.json").exists():
                continue
            with running(fault, mock) as (target, _):
                _record(target, report, around(*kills), seed)
            print(name, flush=True)  # noqa: T201 - a command speaks
    return 0


def sample(per_area: int, shift: float = 0.0) -> tuple[Mutant, ...]:
    """Mutants of every area, evenly spaced, so that neighbours (one fault on three operations) do not crowd it.

    Another `shift`, a part of the space between two, gives others.
    """
    areas: defaultdict[str, list[Mutant]] = defaultdict(list)
    for mutant in all_mutants():
        areas[mutant.kills.partition(".")[0]].append(mutant)
    return tuple(each for area in areas.values() for each in _spaced(area, per_area, shift))


def _spaced(area: list[Mutant], count: int, shift: float) -> list[Mutant]:
    step = max(1, len(area) // count)
    return area[int(shift * step) :: step][:count]


def _runs(mutants: tuple[Mutant, ...]) -> Iterator[tuple[str, Fault, tuple[str, ...], int]]:
    for mutant in mutants:
        yield f"one--{mutant.name}", mutant.fault, (mutant.kills,), 0
    for mutant in mutants[::8]:
        yield f"seed--{mutant.name}", mutant.fault, (mutant.kills,), _OTHER_SEED
    for one, other in pairwise(mutants[::8]):
        yield f"two--{one.name}--{other.name}", one.fault | other.fault, (one.kills, other.kills), 0


def around(*kills: str) -> tuple[str, ...]:
    """The requirements of the same area and operation, and of those that ask the same operation elsewhere every fifth."""
    found: dict[str, None] = dict.fromkeys(kills)
    ids = [each.id for each in contracts.load().catalogue]
    for killed in kills:
        area = killed.partition(".")[0]
        routes = set(killed.split(".")) & _ROUTES or set(killed.split(".")[1:2])
        asked = [each for each in ids if routes & set(each.split("."))]
        near = [each for each in asked if each.startswith(f"{area}.")]
        elsewhere = [each for each in asked if each.partition(".")[0] not in {area, *_SLOW} and "silent" not in each]
        found |= dict.fromkeys(near) | dict.fromkeys(elsewhere[::5])
    return tuple(found)


def _record(target: Path, folder: Path, requirements: tuple[str, ...], seed: int) -> None:
    chosen = [word for each in requirements for word in ("--select", each)]
    options = ["--effort", "quick", "--seed", str(seed), "--report-dir", str(folder)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        cli.main(["run", str(target), *options, *chosen])


def _packed(folder: Path) -> Iterator[str]:
    for file in sorted(folder.glob("*/report.json")):
        report = msgspec.json.decode(file.read_bytes(), type=Report)
        violated = [_shortened(entry) for entry in report.with_verdict(Verdict.FAIL, Verdict.WARN)]
        yield msgspec.json.encode({"run": file.parent.name, "requirements": violated}).decode() + "\n"


def _shortened(entry: RequirementReport) -> RequirementReport:
    """The first findings, with what a cause is found by: the texts, and of the last exchange the address and the answer."""
    findings = tuple(
        FindingReport(each.check, each.message, each.expected[:_TEXT], each.got[:_TEXT], exchanges=_last(each))
        for each in entry.findings[:_FINDINGS]
    )
    return msgspec.structs.replace(entry, findings=findings)


def _last(finding: FindingReport) -> tuple[ExchangeReport, ...]:
    return tuple(
        msgspec.structs.replace(
            each,
            request=msgspec.structs.replace(each.request, headers=(), body=each.request.body[:_TEXT]),
            response=each.response
            and ResponseReport(
                each.response.status,
                tuple(pair for pair in each.response.headers if pair[0].lower() == "content-type"),
                each.response.body[:_TEXT],
            ),
        )
        for each in finding.exchanges[-1:]
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants.recording", description=__doc__)
    parser.add_argument("folder", type=Path, help="where a folder for each run goes")
    parser.add_argument("--pack", type=Path, metavar="FILE.jsonl", help="write what the folder holds as one file")
    parser.add_argument("--per-area", type=int, default=4, help="how many mutants of each area")
    parser.add_argument("--shift", type=float, default=0.0, help="0 to 1: other mutants than those of 0")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Requirements by reports, in one table: which gateway keeps what."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conformance.reports.comparing import load, names, table
from conformance.reports.report import Report

_STYLES = {"pass": "green", "fail": "bold red", "warn": "yellow", "error": "magenta"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reports", nargs="+", type=Path, metavar="REPORT", help="a report.json, or the folder that holds it"
    )
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table")


def run(arguments: argparse.Namespace) -> int:
    reports = [load(path) for path in arguments.reports]
    columns = names(arguments.reports)
    if arguments.markdown:
        print("\n".join(markdown(columns, reports)))  # noqa: T201 - a command speaks
    else:
        Console(highlight=False).print(_rich(columns, reports))
    return 0


def markdown(columns: Sequence[str], reports: Sequence[Report]) -> list[str]:
    """The table's lines: a head, the verdicts of the runs, then a line for each requirement."""
    rows = [("requirement", *columns), ("---",) * (len(columns) + 1), *_rows(reports)]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]


def _rich(columns: Sequence[str], reports: Sequence[Report]) -> Table:
    shown = Table("requirement", *columns, box=None, pad_edge=False)
    for name, *verdicts in _rows(reports):
        shown.add_row(name, *(f"[{_STYLES.get(each, 'default')}]{each}[/]" for each in verdicts))
    return shown


def _rows(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    return [("the whole run", *(report.verdict.value for report in reports)), *table(reports)]

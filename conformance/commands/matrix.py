"""Requirements by reports: which gateway keeps what, by section of the contract."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from conformance.reports.comparing import by_section, load, names, table
from conformance.reports.html import to_matrix_html
from conformance.reports.markdown import escaped
from conformance.reports.report import Report

_STYLES = {"pass": "green", "fail": "bold red", "warn": "yellow", "error": "magenta"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reports", nargs="+", type=Path, metavar="REPORT", help="a report.json, or the folder that holds it"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="as Markdown, a table for each section")
    form.add_argument("--html", action="store_true", help="as a page that stands alone")


def run(arguments: argparse.Namespace) -> int:
    reports = [load(path) for path in arguments.reports]
    columns = names(arguments.reports)
    if arguments.html:
        print(to_matrix_html(columns, reports))  # noqa: T201 - a command speaks
    elif arguments.markdown:
        print("\n".join(markdown(columns, reports)))  # noqa: T201 - a command speaks
    else:
        Console(highlight=False).print(_rich(columns, reports))
    return 0


def markdown(columns: Sequence[str], reports: Sequence[Report]) -> list[str]:
    """The lines: a table of the runs and their sections, then one for each section."""
    sections = by_section(reports)
    summary = [
        ("the whole run", *(report.verdict.value for report in reports)),
        ("causes", *(str(len(report.causes)) for report in reports)),
        *((section.title, *section.summary) for section in sections),
    ]
    lines = list(_table("run", columns, summary))
    for section in sections:
        rows = [(f"`{row.requirement}` {row.level}", *row.verdicts) for row in section.rows]
        lines += ["", f"### {escaped(section.title)}", "", *_table("requirement", columns, rows)]
    return lines


def _table(head: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for row in ((head, *map(escaped, columns)), ("---",) * (len(columns) + 1), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def _rich(columns: Sequence[str], reports: Sequence[Report]) -> Table:
    shown = Table("requirement", *columns, box=None, pad_edge=False)
    for name, *verdicts in _rows(reports):
        shown.add_row(name, *(f"[{_STYLES.get(each, 'default')}]{each}[/]" for each in verdicts))
    return shown


def _rows(reports: Sequence[Report]) -> list[tuple[str, ...]]:
    return [("the whole run", *(report.verdict.value for report in reports)), *table(reports)]

"""Write a baseline of what a report found: an entry for each cause, to be edited by hand.

Exit status: 0, or 2 where the arguments are wrong or the file is no report.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conformance.errors import UsageError
from conformance.reports.baseline import baseline_of, to_yaml
from conformance.reports.comparing import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", type=Path, metavar="REPORT", help="a report.json, or the folder that holds it")
    parser.add_argument("--owner", required=True, help="who has taken it on to mend them")
    parser.add_argument("--reason", default="", help="why they may stay that long; by default what is wrong")
    parser.add_argument("--days", type=int, default=90, help="until they are no longer excused")
    parser.add_argument("--output", type=Path, metavar="FILE", help="instead of printing it; a new file")


def run(arguments: argparse.Namespace) -> int:
    report = load(arguments.report)
    expires = datetime.now(UTC).date() + timedelta(days=arguments.days)
    known = baseline_of(report.contract, report.causes, owner=arguments.owner, reason=arguments.reason, expires=expires)
    text = to_yaml(known)
    if arguments.output:
        _write(text, arguments.output)
    else:
        print(text, end="")  # noqa: T201 - a command speaks
    return 0


def _write(text: str, path: Path) -> None:
    """Writes a new file. Raises UsageError where there is one: its reasons, owners and days were written by hand."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} exists: its reasons, owners and days would be lost.", "Name another file.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}.", "Name another file.") from error

"""What changed between two reports, requirement by requirement: broken, gone, changed, new, fixed.

What was unsteady in one of them and held in the other is no change.

Exit status: 0 nothing broke, 1 something did, 2 a file is no report.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.text import Text

from conformance.reports.comparing import Change, differences, load

_STYLES = {Change.BROKEN: "bold red", Change.FIXED: "green", Change.GONE: "yellow"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", type=Path, metavar="OLD", help="a report.json, or the folder that holds it")
    parser.add_argument("new", type=Path, metavar="NEW", help="another, of a later run")


def run(arguments: argparse.Namespace) -> int:
    old, new = load(arguments.old), load(arguments.new)
    found = differences(old, new)
    console = Console(soft_wrap=True, highlight=False)
    for each in found:
        word = Text(f"{each.change:<10}", style=_STYLES.get(each.change, ""))
        console.print(Text.assemble(word, f"{each.requirement}  {each.old or 'none'} -> {each.new or 'none'}"))
    counts = Counter(each.change for each in found)
    summary = ", ".join(f"{counts[change]} {change}" for change in Change if counts[change]) or "no difference"
    console.print(f"{summary}; {old.verdict} -> {new.verdict}", markup=False)
    return 1 if counts[Change.BROKEN] else 0

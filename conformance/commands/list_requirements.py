"""List the requirements: id, level and statement, one a line; `explain` says what each needs."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console

from conformance.commands.gateways import add_contract_argument, contract_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_contract_argument(parser)
    parser.add_argument("--select", action="append", default=[], metavar="GLOB", help="only ids that match; repeatable")


def run(arguments: argparse.Namespace) -> int:
    catalogue = contract_of(arguments).catalogue
    wanted = catalogue.select(arguments.select)
    chosen = [requirement for requirement in catalogue if requirement.id in wanted]
    width = max(len(requirement.id) for requirement in chosen)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for requirement in chosen:
        console.print(f"{requirement.id:<{width}}  {requirement.level:<6}  {requirement.statement}")
    print(f"{len(chosen)} requirements", file=sys.stderr)  # noqa: T201 - a count beside the list, not in it
    return 0

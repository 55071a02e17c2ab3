"""Explain one requirement: its statement, level, section, what it needs and which checks decide it."""

from __future__ import annotations

import argparse

from rich.console import Console

from conformance.commands.gateways import add_contract_argument, contract_of
from conformance.contracts.pages import place, text_under
from conformance.runner.plan import to_declare
from conformance.runner.run import collect_checks


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_contract_argument(parser)
    parser.add_argument("id", metavar="ID", help="e.g. speech.format.flac")


def run(arguments: argparse.Namespace) -> int:
    requirement = contract_of(arguments).catalogue.get(arguments.id)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{requirement.id}  {requirement.level}\n  {requirement.statement}")
    console.print(f"  demanded by: {requirement.section}, {place(requirement.link)}")
    if text := text_under(requirement.link):
        console.print(f"    {text}")
    console.print(f"  needs: {', '.join(requirement.needs) or 'nothing beyond base_url and token'}")
    for sentence in to_declare(requirement):
        console.print(f"    {sentence}")
    console.print("  checks:")
    for check in collect_checks(requirement.id).get(requirement.id, []):
        console.print(f"    {check}")
    console.print(f"  run it: audio-conformance run TARGET.yaml --select {requirement.id}")
    return 0

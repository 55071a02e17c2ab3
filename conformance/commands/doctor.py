"""Examine a target: does what is declared hold, what will be decided, and what to declare for the rest.

Exit status: 0 all that is declared holds, 1 something does not, 2 the target file is wrong, 3 no gateway answers or its
token is refused.
"""

from __future__ import annotations

import argparse

from rich.console import Console

from conformance import contracts
from conformance.commands.gateways import add_gateway_arguments, contract_of, named_gateway, provider_of
from conformance.contracts import Contract
from conformance.errors import Blocked, GatewayUnreachable
from conformance.reports.grouping import Group, some_of
from conformance.reports.reaching import described
from conformance.runner.doctor import ProbeResult, examine, undecided
from conformance.runner.plan import make_plan
from conformance.runner.preflight import run_preflight
from conformance.runner.probes import Prober
from conformance.runner.recognition import Recognition, recognised
from conformance.runner.run import open_gateway

_IDS_SHOWN = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_gateway_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    with named_gateway(arguments) as target, provider_of(target) as mock, open_gateway(target) as gateway:
        contract = contract_of(arguments, target)
        preflight = run_preflight(contract, target, gateway)
        if preflight.remarks:
            console.print(f"{target.base_url} answers.")
        else:
            console.print(f"{target.base_url} answers and takes the token.")
        for remark in preflight.remarks:
            console.print(f"  {remark}.", style="bold yellow")
        for line in described(target, gateway.endpoint.tls_version()):
            console.print(f"  {line}")
        _show_contract(console, contract, recognised(Prober(contract, target, gateway), _shipped()))
        console.print("\nWhat is declared:")
        try:
            results = [_shown(console, result) for result in examine(contract, target, gateway, mock)]
        except Blocked as blocked:
            raise GatewayUnreachable(f"The gateway at {target.base_url} is gone: {blocked.reason}.") from blocked
        plan = make_plan(contract, frozenset(contract.catalogue.by_id), target, preflight)
    console.print(f"\n{len(plan.runs)} of {len(contract.catalogue)} requirements will be decided.")
    for group in undecided(plan):
        _show_undecided(console, group)
    return 0 if all(result.holds for result in results) else 1


def _shipped() -> list[Contract]:
    return [contracts.load(name) for name in contracts.names()]


def _show_contract(console: Console, contract: Contract, found: Recognition) -> None:
    """Says which contract the gateway seems to speak, and how to be judged by it."""
    if not found.name:
        return
    told = "; ".join(sign.seen for sign in found.agreeing)
    console.print(f"\nIt seems to speak {found.name} ({len(found.agreeing)} of {len(found.signs)} signs: {told}).")
    if found.name != contract.name:
        console.print(f"  It is judged by {contract.name} here: declare `contract: {found.name}`, or give --contract.")


def _shown(console: Console, result: ProbeResult) -> ProbeResult:
    console.print(f"  {'ok ' if result.holds else 'NOT'}  {result.path}: {result.text}")
    return result


def _show_undecided(console: Console, group: Group) -> None:
    ids = group.requirements
    console.print(f"  not {len(ids)}: {group.reason}\n      {some_of(ids, _IDS_SHOWN)}")

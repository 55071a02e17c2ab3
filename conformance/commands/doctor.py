"""Examine a target: does what is declared hold, what will be decided, and what to declare for the rest.

Exit status: 0 all that is declared holds, 1 something does not, 2 the target file is wrong, 3 no gateway answers or its
token is refused.
"""

from __future__ import annotations

import argparse

from rich.console import Console

from conformance.commands.gateways import add_gateway_arguments, contract_of, named_gateway, provider_of
from conformance.errors import Blocked, GatewayUnreachable
from conformance.runner.doctor import Sign, Unlock, examine, unlocks
from conformance.runner.plan import make_plan
from conformance.runner.preflight import make_contact
from conformance.runner.run import open_gateway

_IDS_SHOWN = 4


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_gateway_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    with named_gateway(arguments) as target, provider_of(target) as provider, open_gateway(target) as gateway:
        contract = contract_of(arguments, target)
        contact = make_contact(target, gateway)
        console.print(f"{target.base_url} answers and takes the token.\n\nWhat is declared:")
        try:
            signs = [_print_sign(console, sign) for sign in examine(target, gateway, provider)]
        except Blocked as blocked:
            raise GatewayUnreachable(f"The gateway at {target.base_url} is gone: {blocked.reason}.") from blocked
        plan = make_plan(contract, frozenset(contract.catalogue.by_id), target, contact)
    console.print(f"\n{len(plan.runs)} of {len(contract.catalogue)} requirements will be decided.")
    for unlock in unlocks(plan):
        _print_unlock(console, unlock)
    return 0 if all(sign.holds for sign in signs) else 1


def _print_sign(console: Console, sign: Sign) -> Sign:
    console.print(f"  {'ok ' if sign.holds else 'NOT'}  {sign.place}: {sign.said}")
    return sign


def _print_unlock(console: Console, unlock: Unlock) -> None:
    ids = unlock.requirements
    more = f", … {len(ids)} in all" if len(ids) > _IDS_SHOWN else ""
    console.print(f"  not {len(ids)}: {unlock.reason}\n      {', '.join(ids[:_IDS_SHOWN])}{more}")

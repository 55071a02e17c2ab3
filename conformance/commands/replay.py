"""Look again for a failure that a run has kept under cases/ in its report folder: fixed, still failing, or changed.

Where the status of one response decides, the kept request is sent again, byte by byte. Where the failure is a relation (to
another response, to the provider's call, to what went before), the checks of the requirement are run again with the same
seed and effort, which also sends other requests.

Exit status: 0 fixed, 1 still failing or failing in another way, 2 the arguments or the file are wrong, 3 no gateway answers
or the suite itself failed, 4 it could not be decided.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from conformance import contracts
from conformance.commands.gateways import add_gateway_arguments, named_gateway, provider_of
from conformance.runner import kept_cases, replay


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", type=Path, metavar="FILE", help="a file of the folder cases beside a report")
    add_gateway_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    case = kept_cases.load(arguments.case)
    contracts.load(case.contract).catalogue.get(case.requirement)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{case.requirement}  {case.message}\n  expected  {case.expected}\n  got then  {case.got}")
    with named_gateway(arguments) as target:
        if case.request is not None and case.judged_by == "status":
            replayed = replay.send_again(case, case.request, target)
        else:
            with provider_of(target) as mock:
                replayed = replay.run_again(case, target, mock)
    console.print(f"  now       {replayed.text}")
    return replayed.status

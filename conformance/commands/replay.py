"""Look again for a failure that a run has kept under cases/ in its report folder: fixed, still failing, or changed.

Where the status of one answer decides, the kept request is sent again, byte by byte. Where the failure is a relation (to
another answer, to the provider's call, to what went before), the checks of the requirement are run again with the same
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
from conformance.errors import Blocked, GatewayUnreachable
from conformance.http.exchange import Exchange
from conformance.mock.control import MockControl
from conformance.reports.ledger import Ledger
from conformance.reports.report import RequirementReport, fold
from conformance.reports.verdicts import ExitStatus, Verdict
from conformance.runner import kept_cases
from conformance.runner.kept_cases import KeptCase
from conformance.runner.run import Options, conduct, open_gateway
from conformance.target import Target

Outcome = tuple[ExitStatus, str]
_FAILING = (Verdict.FAIL, Verdict.WARN)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("case", type=Path, metavar="FILE", help="a file of the folder cases beside a report")
    add_gateway_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    case = kept_cases.load(arguments.case)
    contracts.load(case.contract).catalogue.get(case.requirement)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{case.requirement}  {case.message}\n  expected  {case.expected}\n  got then  {case.got}")
    with named_gateway(arguments) as target:
        if case.judged_by == "status" and case.request is not None:
            status, said = _send_again(case, target)
        else:
            with provider_of(target) as mock:
                status, said = _run_again(case, target, mock)
    console.print(f"  now       {said}")
    return status


def _send_again(case: KeptCase, target: Target) -> Outcome:
    assert case.request is not None
    with open_gateway(target) as gateway:
        try:
            exchange = gateway.send(case.request.for_target(target))
        except Blocked as blocked:
            return ExitStatus.UNDECIDED, f"undecided: {blocked.reason}"
    return judged(case, exchange)


def judged(case: KeptCase, exchange: Exchange) -> Outcome:
    """What the answer to the kept request says. Raises GatewayUnreachable where nobody is there to answer."""
    if exchange.status in case.statuses:
        return ExitStatus.CONFORMING, f"fixed: {exchange.got}"
    if exchange.status is None and case.status is not None and "refused" in (exchange.error or ""):
        raise GatewayUnreachable(f"Nothing answers at {exchange.request.url} ({exchange.error}).")
    word = "still failing" if exchange.status == case.status else "changed, and failing"
    return ExitStatus.VIOLATING, f"{word}: {exchange.got}"


def _run_again(case: KeptCase, target: Target, mock: MockControl | None) -> Outcome:
    ledger = Ledger()
    options = Options(select=(case.requirement,), effort=case.effort, seed=case.seed)
    conduct(target, contracts.load(case.contract), mock, options, ledger)
    report = fold(ledger.events)
    if report.problem:
        return ExitStatus.UNREACHABLE, f"undecided: {report.problem}"
    return rerun(case, report.requirements[0])


def rerun(case: KeptCase, entry: RequirementReport) -> Outcome:
    """What the requirement's checks say when they are run again with the same seed."""
    if entry.verdict is Verdict.PASS:
        return ExitStatus.CONFORMING, f"fixed: its checks pass with seed {case.seed}"
    if entry.verdict not in _FAILING:
        status = ExitStatus.UNREACHABLE if entry.verdict is Verdict.ERROR else ExitStatus.UNDECIDED
        return status, f"undecided: {entry.verdict}, {entry.reason}"
    same = any(finding.check == case.check for finding in entry.findings)
    word = "still failing" if same else "changed, and failing"
    found = next((each for each in entry.findings if each.check == case.check), entry.findings[0])
    return ExitStatus.VIOLATING, f"{word} with seed {case.seed}: {found.message}: {found.got}"

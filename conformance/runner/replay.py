"""Judges a kept case again: by its request alone where the status of one response decides, else by its checks.

A failure that is a relation (to another response, to the provider's call, to what went before) cannot be shown by one
request, so the checks of its requirement are run again with the same seed and effort, which also sends other requests.
"""

from __future__ import annotations

from dataclasses import dataclass

from conformance import contracts
from conformance.errors import Blocked, GatewayUnreachable
from conformance.http.exchange import Exchange
from conformance.mock.control import MockControl
from conformance.reports.entries import RequirementReport
from conformance.reports.ledger import Ledger
from conformance.reports.report import fold
from conformance.reports.verdicts import ExitStatus, Verdict
from conformance.runner.confirm import TRIES
from conformance.runner.kept_cases import KeptCase, KeptRequest
from conformance.runner.options import Options
from conformance.runner.run import canaries_of, conduct, open_gateway
from conformance.target import Target

_FAILING = (Verdict.FAIL, Verdict.WARN)


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of a kept case: the exit status of `replay`, and one sentence."""

    status: ExitStatus
    text: str


def send_again(case: KeptCase, request: KeptRequest, target: Target) -> Replayed:
    """Sends the kept request, byte by byte, as a run confirms a failure: after a plain valid request, up to three times.

    Raises GatewayUnreachable where nothing listens.
    """
    contract = contracts.load(case.contract)
    with open_gateway(target) as gateway:
        canaries = canaries_of(contract, target, gateway)
        routes = [name for name, operation in contract.operations.items() if request.path.startswith(operation.path)]
        try:
            for _ in range(TRIES):
                for route in routes or contract.operations:
                    canaries.serves(route)
                replayed = by_status(case, gateway.send(request.for_target(target)))
                if replayed.status is not ExitStatus.CONFORMING:
                    break
        except Blocked as blocked:
            return Replayed(ExitStatus.UNDECIDED, f"undecided: {blocked.reason}")
    return replayed


def by_status(case: KeptCase, exchange: Exchange) -> Replayed:
    """Judges the response to the kept request. Raises GatewayUnreachable where nothing listens any more."""
    if exchange.status in case.statuses:
        return Replayed(ExitStatus.CONFORMING, f"fixed: {exchange.got}")
    if exchange.refused and case.status is not None:
        raise GatewayUnreachable(f"Nothing answers at {exchange.request.url} ({exchange.error}).")
    word = "still failing" if exchange.status == case.status else "changed, and failing"
    return Replayed(ExitStatus.VIOLATING, f"{word}: {exchange.got}")


def run_again(case: KeptCase, target: Target, mock: MockControl | None) -> Replayed:
    """Runs the checks of the kept case's requirement, with its seed and effort."""
    ledger = Ledger()
    options = Options(select=(f"{case.requirement}::{case.check}",), effort=case.effort, seed=case.seed)
    conduct(target, contracts.load(case.contract), mock, options, ledger)
    report = fold(ledger.events)
    if report.problem:
        return Replayed(ExitStatus.UNREACHABLE, f"undecided: {report.problem}")
    return by_checks(case, report.requirements[0])


def by_checks(case: KeptCase, entry: RequirementReport) -> Replayed:
    """Judges what the requirement's checks came to when they were run again."""
    if entry.verdict is Verdict.PASS:
        return Replayed(ExitStatus.CONFORMING, f"fixed: its checks pass with seed {case.seed}")
    if entry.verdict not in _FAILING:
        status = ExitStatus.UNREACHABLE if entry.verdict is Verdict.ERROR else ExitStatus.UNDECIDED
        return Replayed(status, f"undecided: {entry.verdict}, {entry.reason}")
    same = [finding for finding in entry.findings if finding.check == case.check]
    word = "still failing" if same else "changed, and failing"
    shown = (*same, *entry.findings)[0]
    return Replayed(ExitStatus.VIOLATING, f"{word} with seed {case.seed}: {shown.message}: {shown.got}")

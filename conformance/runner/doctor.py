"""What `doctor` finds: whether what the target declares is true, and what each missing declaration would decide.

Each declaration is probed by itself; one that is absent is not probed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.contracts import Contract
from conformance.drive.requests import ask
from conformance.http.client import Gateway
from conformance.http.exchange import Exchange
from conformance.mock.control import MockControl
from conformance.reports.grouping import Group, by_reason
from conformance.runner.plan import Plan
from conformance.runner.probes import Prober
from conformance.target import Target


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one probe showed of a declaration: `path` is its path in the target file, `holds` whether it is true."""

    path: str
    holds: bool
    text: str


def examine(contract: Contract, target: Target, gateway: Gateway, mock: MockControl | None) -> Iterator[ProbeResult]:
    """Probes every declaration with a request or two. Raises Blocked where the gateway is gone."""
    examination = _Examination(contract, Prober(contract, target, gateway, mock))
    for results in (examination.models, examination.deployments, examination.mock, examination.limits):
        yield from results()


def undecided(plan: Plan) -> tuple[Group, ...]:
    """The requirements that will be left undecided, by the reason: the reason of most of them first."""
    groups = by_reason((requirement, left.reason) for requirement, left in plan.undecided.items())
    return tuple(sorted(groups, key=lambda group: -len(group.requirements)))


class _Examination:
    def __init__(self, contract: Contract, prober: Prober) -> None:
        self._contract = contract
        self._prober = prober
        self._target = prober.target
        self._served = contract.statuses("served")
        self._token_refused = contract.statuses("invalid-token")

    def models(self) -> Iterator[ProbeResult]:
        """Every model key is served by the operation that its list names."""
        models = self._target.models
        for capability, route in self._prober.operations.items():
            for key in self._prober.case().model_keys(capability):
                found = self._served_by(f"models.{capability}", route, key)
                # An operation that a gateway may lack is no declaration of its own that does not hold.
                if found.holds or getattr(models, capability) or not self._contract.operations[route].optional:
                    yield found
        for capability in self._contract.probes:
            for key in getattr(models, capability):
                exchange = self._prober.ask_for(capability, key)
                shown = self._prober.shows(capability, exchange)
                yield _result(f"models.{capability}", key, exchange, "shows it", holds=shown)
        for capability, route in self._prober.operations.items():
            if azure := getattr(models, f"azure_{capability}", None):
                yield self._served_by(f"models.azure_{capability}", route, azure)

    def deployments(self) -> Iterator[ProbeResult]:
        """Every key without a deployment is refused by the operation that it has none for."""
        for route, operation in self._contract.operations.items():
            if key := getattr(self._target.models.without_deployment, operation.operation):
                path = f"models.without_deployment.{operation.operation}"
                exchange = self._prober.ask(route, model=key)
                status = exchange.status
                lacking = status is not None and status not in self._served and status not in self._token_refused
                yield _result(path, key, exchange, "has no deployment", holds=lacking)

    def mock(self) -> Iterator[ProbeResult]:
        """A request to the gateway leads to a call of the mock."""
        if self._prober.mock is None:
            return
        case = self._prober.case()
        exchange = ask(case, self._plain_route, limited=True)
        calls = case.calls()
        reached = f"the gateway's request reached it as model `{calls[-1].model}`" if calls else ""
        yield ProbeResult("mock_provider", bool(calls), reached or f"no call arrived ({exchange.got})")

    def limits(self) -> Iterator[ProbeResult]:
        """Every limited token is known; whether it is limited is for the checks to find out."""
        limited = self._target.limited_tokens
        for name in ("rate_limit", "budget", "per_request"):
            if part := getattr(limited, name):
                exchange = self._prober.ask(self._plain_route, token=part.token)
                known = exchange.status is not None and exchange.status not in self._token_refused
                text = f"the token is known{self._spent(name, exchange)}" if known else f"refused: {exchange.got}"
                yield ProbeResult(f"limited_tokens.{name}", known, text)

    def _spent(self, name: str, exchange: Exchange) -> str:
        """What the probe shows of a budget that a run is to spend: it takes a token whose budget is fresh."""
        budget = self._target.limited_tokens.budget
        if name != "budget" or budget is None or budget.spend is None:
            return ""
        if exchange.status in self._served:
            return f", and this probe was one of the {budget.spend} requests that spend its budget"
        return ", and its budget is spent already: give it a fresh one, or leave out `spend`"

    @property
    def _plain_route(self) -> str:
        """The operation that costs least to ask: the contract's first."""
        return next(iter(self._contract.operations))

    def _served_by(self, path: str, route: str, key: str) -> ProbeResult:
        exchange = self._prober.ask(route, model=key)
        return _result(path, key, exchange, "is served", holds=exchange.status in self._served)


def _result(path: str, key: str, exchange: Exchange, text: str, *, holds: bool) -> ProbeResult:
    return ProbeResult(path, holds, f"`{key}` {text}" if holds else f"`{key}`: {exchange.got}")

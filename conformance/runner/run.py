"""One run: everything it holds, from the target to the ledger, and how it is conducted."""

from __future__ import annotations

import functools
import itertools
import os
import secrets
import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import hypothesis
import pytest

from conformance.contracts import Catalogue, Contract, Requirement, foreign_to
from conformance.coverage import Coverage
from conformance.drive.case import Case
from conformance.drive.shared import Shared
from conformance.errors import ConformanceError
from conformance.generated import hypothesis_threads
from conformance.http.client import Gateway
from conformance.http.endpoint import endpoint_of
from conformance.http.exchange import Exchange, Finding
from conformance.mock.control import MockControl
from conformance.reports.latency import Stopwatch
from conformance.reports.ledger import (
    AudioKept,
    CheckFinished,
    GatewayRested,
    LatencyMeasured,
    Ledger,
    LeftUndecided,
    Measured,
    Remarked,
    RunFinished,
    RunStarted,
    SchemaCovered,
    SuiteReport,
)
from conformance.reports.records import Evidence
from conformance.reports.redaction import describe
from conformance.reports.verdicts import Outcome
from conformance.runner.canary import Canaries
from conformance.runner.collecting import Collector
from conformance.runner.filing import filed
from conformance.runner.kept_cases import Keeper
from conformance.runner.measuring import measurements
from conformance.runner.options import EXAMPLES, Options
from conformance.runner.outcomes import Result
from conformance.runner.plan import Plan, Preflight, make_plan, plan_nothing
from conformance.runner.plugin import SuitePlugin
from conformance.runner.preflight import run_preflight
from conformance.runner.probes import Prober
from conformance.runner.selection import Selection
from conformance.target import DEFAULT_TIMEOUT_S, Target
from conformance.version import suite_version

SUITE = "conformance.checks"
# A judge must not give up on a gateway just when the gateway's own time for the provider ends.
_GRACE_S = 5.0
# Apart from whatever pytest configuration and plugins stand where the command is run; checks need no assert rewriting.
_ISOLATION = (
    *("-c", os.devnull, "--rootdir", str(Path(__file__).parents[1]), "--capture=no", "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:logging", "--disable-plugin-autoload", "-p", "_hypothesis_pytestplugin"),
    # For warnings that nobody sees they collect all garbage several times over, and watch every check.
    *("-p", "no:unraisableexception", "-p", "no:threadexception", "-p", "no:warnings"),
)


@dataclass
class Run:
    """What the plugin and the checks work with."""

    target: Target
    contract: Contract
    plan: Plan
    gateway: Gateway
    mock: MockControl | None
    ledger: Ledger
    evidence: Evidence
    keeper: Keeper
    options: Options
    nonce: str = field(default_factory=lambda: secrets.token_hex(3))
    shared: Shared = field(default_factory=Shared)
    _cases: Iterator[int] = field(default_factory=functools.partial(itertools.count, 1))

    @cached_property
    def selection(self) -> Selection:
        return Selection(self.options.select)

    @cached_property
    def canaries(self) -> Canaries:
        """Plain valid requests of each operation, sent by themselves."""
        return canaries_of(self.contract, self.target, self.gateway)

    @property
    def workers(self) -> int:
        return self.options.workers

    def case(self, requirement_id: str, *, alone: bool = False) -> Case:
        """A fresh case; one that is tried `alone` shares nothing with the others.

        Its marker is unique over runs, so that a mock may be shared and its journal never be cleared. It ends with a letter,
        so that no marker is contained in another: the mock finds calls by what they contain.
        """
        return Case(
            marker=f"mark{self.nonce}n{next(self._cases)}z",
            requirement=self.contract.catalogue.by_id[requirement_id],
            contract=self.contract,
            target=self.target,
            gateway=self.gateway,
            mock=self.mock and self.mock.for_case(),
            seed=self.options.seed,
            examples=EXAMPLES[self.options.effort],
            shared=Shared() if alone else self.shared,
        )

    def record(self, requirement_id: str, check: str, result: Result) -> None:
        """Write what a check came to into the ledger, each finding under the requirement that it breaks."""
        rerun = (
            f"{self.options.command} --seed {self.options.seed} --select {shlex.quote(f'{requirement_id}::{check}')}"
        )
        for owner, each in filed(requirement_id, result, self.plan.run_ids):
            self._append(owner, check, each, rerun, requirement_id)

    def _append(self, owner: str, check: str, result: Result, rerun: str, requirement_id: str) -> None:
        findings = result.findings
        if not findings and result.outcome is not Outcome.PASS and result.exchanges:
            findings = (Finding(result.reason, "a precondition of the check", "see the exchange", result.exchanges),)
        keep = self.keeper.keep if result.outcome is Outcome.FAIL else _keep_nothing
        self.ledger.append(
            CheckFinished(
                owner,
                check,
                result.outcome,
                round(result.duration_s, 4),
                self.evidence.text(result.reason),
                tuple(
                    self.evidence.describe(finding, check, rerun, keep(requirement_id, check, finding))
                    for finding in findings
                ),
            )
        )


def conduct(target: Target, contract: Contract, mock: MockControl | None, options: Options, ledger: Ledger) -> None:
    """Runs preflight, plans, runs what is planned, and writes it all into the ledger.

    Where no gateway answers or the token is refused, every requirement is blocked and the ledger says why.
    """
    started = time.monotonic()
    coverage = Coverage(target.base_url, contract.document)
    stopwatch = Stopwatch()
    observers: list[Callable[[Exchange], None]] = [coverage.note, _timing(contract, target, stopwatch)]
    with open_gateway(target, _told_to_all(observers)) as gateway:
        known = known_requirements(contract)
        selected = Selection(options.select).ids(known)
        try:
            found = run_preflight(contract, target, gateway)
            plan, problem = make_plan(contract, selected, target, found), ""
        except ConformanceError as error:
            found = Preflight({})
            plan, problem = plan_nothing(contract, selected, str(error)), str(error)
        evidence = Evidence(
            target,
            options.report_dir / "bodies" if options.report_dir else None,
            lambda audio: ledger.append(AudioKept(audio)),
        )
        keeper = Keeper(
            target,
            options.report_dir and options.report_dir / "cases",
            options.seed,
            options.effort,
            contract.reference,
        )
        run = Run(target, contract, plan, gateway, mock, ledger, evidence, keeper, options)
        observers.append(run.canaries.note)
        _announce(run, [each for each in known if each.id in selected])
        if not problem and _is_worth_measuring(options, target, mock):
            prober = Prober(contract, target, gateway, mock)
            ledger.append(Measured(tuple(measurements(prober.case))))
        for remark in found.remarks:
            ledger.append(Remarked(evidence.text(remark)))
        problem = problem or _run_pytest(run) or gateway.health.problem
        for rest in run.canaries.rests:
            pattern = evidence.text(str(rest))
            ledger.append(GatewayRested(rest.route, pattern, round(rest.seconds, 1), rest.ended))
    ledger.append(LatencyMeasured(stopwatch.reports()))
    ledger.append(SchemaCovered(evidence.redacted(coverage.summary())))
    ledger.append(RunFinished(round(time.monotonic() - started, 3), evidence.text(problem)))


def _is_worth_measuring(options: Options, target: Target, mock: MockControl | None) -> bool:
    """Not in a quick run or one of chosen checks, nor where requests cost money or are to be few."""
    return mock is not None and target.max_rate is None and not options.select and options.effort != "quick"


def _timing(contract: Contract, target: Target, stopwatch: Stopwatch) -> Callable[[Exchange], None]:
    """Notes how long each success of an operation took."""
    base_url = target.base_url.rstrip("/")
    names = {base_url + operation.path: route for route, operation in contract.operations.items()}

    def note(exchange: Exchange) -> None:
        if exchange.is_success and exchange.request.url in names:
            stopwatch.note(names[exchange.request.url], exchange.elapsed_s)

    return note


def canaries_of(contract: Contract, target: Target, gateway: Gateway) -> Canaries:
    """Plain valid requests of each of the contract's operations, to be sent by themselves."""
    paths = {route: operation.path for route, operation in contract.operations.items()}
    audio = [route for route, operation in contract.operations.items() if operation.gives_audio]
    return Canaries(Prober(contract, target, gateway).ask, paths, contract.statuses("served"), audio=audio)


def _told_to_all(observers: list[Callable[[Exchange], None]]) -> Callable[[Exchange], None]:
    def tell(exchange: Exchange) -> None:
        for observer in observers:
            observer(exchange)

    return tell


def _keep_nothing(_requirement: str, _check: str, _finding: Finding) -> str:
    return ""


def known_requirements(contract: Contract) -> Catalogue:
    """The contract's requirements, and those of other contracts that it lacks: all that can be selected."""
    foreign = {each.id: each for each in foreign_to(contract)}
    return Catalogue(contract.catalogue.version, {**contract.catalogue.by_id, **foreign})


def _announce(run: Run, selected: list[Requirement]) -> None:
    options, contract = run.options, run.contract
    suite = SuiteReport(suite_version(), contract.catalogue.version, options.seed, options.effort)
    planned = tuple(requirement.id for requirement in run.plan.runs)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    run.ledger.append(
        RunStarted(suite, describe(run.target), now, options.command, tuple(selected), planned, contract.name)
    )
    for requirement_id, left in run.plan.undecided.items():
        run.ledger.append(LeftUndecided(requirement_id, left.verdict, run.evidence.text(left.reason)))


def _run_pytest(run: Run) -> str:
    """Run the planned checks. Returns what went wrong with the harness itself, if anything."""
    if not run.plan.runs:
        return ""
    hypothesis_threads.prepare()
    hypothesis.settings.register_profile(
        "conformance",
        database=None,
        deadline=None,
        max_examples=EXAMPLES[run.options.effort],
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
    )
    hypothesis.settings.load_profile("conformance")
    status = _pytest_main([f"--hypothesis-seed={run.options.seed}", "-p", "no:terminal"], SuitePlugin(run))
    return "" if status in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED} else f"pytest ended with status {status}"


def collect_checks(requirement_id: str = "") -> dict[str, list[str]]:
    """Which checks decide each requirement, or the one of this id, by id, without running any."""
    collector = Collector(requirement_id)
    _pytest_main(["--collect-only", "-p", "no:terminal"], collector)
    return collector.checks


def _pytest_main(arguments: list[str], plugin: object) -> int:
    return int(pytest.main(["--pyargs", SUITE, *_ISOLATION, *arguments], plugins=[plugin]))


def open_gateway(target: Target, observe: Callable[[Exchange], None] | None = None) -> Gateway:
    """The client of the target's gateway; `observe` is told of every exchange. Raises TargetError for unusable TLS files."""
    timeout_s = (target.timeout_s or DEFAULT_TIMEOUT_S) + _GRACE_S
    return Gateway(endpoint_of(target), target.token, timeout_s=timeout_s, max_rate=target.max_rate, observe=observe)

"""The pytest plugin of a run: selects what is planned, hands each check its case, writes results into the ledger.

Thin on purpose: what runs is decided in `plan`, how it runs in `schedule`, what it means in `verdicts`.
"""

from __future__ import annotations

import functools
import gc
from collections import deque
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any, Protocol

import pytest

from conformance.contracts import Contract
from conformance.drive.case import Case
from conformance.drive.marks import CONCLUSIVE, LASTING
from conformance.errors import Blocked
from conformance.garbage import making_what_stays
from conformance.generated import hypothesis_threads
from conformance.reports.verdicts import Outcome
from conformance.runner.canary import Canaries
from conformance.runner.confirm import confirmed, needs_confirmation, repeated
from conformance.runner.items import (
    CLOSING_PHASE,
    EARLY_PHASE,
    ORDINARY_PHASE,
    check_name,
    decides_none_of,
    declare_markers,
    is_marked,
    parameters_of,
    phase_of,
    requirement_of,
)
from conformance.runner.outcomes import Result, run_check
from conformance.runner.plan import Plan
from conformance.runner.schedule import Schedule
from conformance.runner.selection import Selection


class Run(Protocol):
    """What the plugin asks of the run that it serves."""

    @property
    def contract(self) -> Contract: ...

    @property
    def plan(self) -> Plan: ...

    @property
    def workers(self) -> int: ...

    @property
    def selection(self) -> Selection: ...

    @property
    def canaries(self) -> Canaries: ...

    def case(self, requirement_id: str, *, alone: bool = False) -> Case: ...

    def record(self, requirement_id: str, check: str, result: Result) -> None: ...


class SuitePlugin:
    """One run of the suite under pytest."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._schedule = Schedule(run.workers)
        self._checks: dict[str, Callable[[], Any]] = {}
        self._unconfirmed: deque[tuple[pytest.Function, Result]] = deque()

    def pytest_configure(self, config: pytest.Config) -> None:
        declare_markers(config)

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Generator[None, object, object]:
        """Thousands of items stay until the end of the session, and the modules that they are in longer than that."""
        with making_what_stays():
            return (yield)

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, obj: object) -> list[pytest.Item] | None:
        """Leave out a check of which nothing is planned before pytest makes an item for each of its parameters."""
        return [] if decides_none_of(obj, self._run.plan.run_ids) else None

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((item for item in items if self._is_planned(item)), key=phase_of)

    def _is_planned(self, item: pytest.Item) -> bool:
        """Checks are written for every operation in every encoding; those that the contract lacks are left out."""
        if requirement_of(item) not in self._run.plan.run_ids:
            return False
        if not self._run.selection.admits(requirement_of(item), check_name(item)):
            return False
        parameters = parameters_of(item)
        routes = [parameters["route"]] if "route" in parameters else self._named_by(requirement_of(item))
        if any(route in self._run.plan.absent for route in routes):
            return False
        return all(self._run.contract.has(route, parameters.get("form")) for route in routes)

    def _named_by(self, requirement_id: str) -> list[str]:
        return [route for route in self._run.contract.operations if route in requirement_id.split(".")]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        hypothesis_threads.make_tables()
        for item in session.items:
            self._checks[item.nodeid] = self._bind(item)
        for phase in (EARLY_PHASE, ORDINARY_PHASE):
            pooled = [item.nodeid for item in session.items if phase_of(item) == phase]
            self._schedule.start(((each, self._checks[each]) for each in pooled), waiting=phase == EARLY_PHASE)

    @pytest.fixture
    def case(self) -> None:
        """Stands in for the Case that the schedule hands to the check: pytest only has to know the name."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> bool:
        """Settle a check without pytest's set-up, capture, tear-down and reports: they cost more than most checks."""
        if phase_of(item) >= CLOSING_PHASE:
            self._confirm()
        result = self._schedule.result(item.nodeid, self._checks[item.nodeid])
        if needs_confirmation(result) and not _is_conclusive(item, result):
            self._unconfirmed.append((item, result))
            self._look(item)
        elif result.outcome is Outcome.PASS and self._is_rerun(item):
            self._unconfirmed.append((item, result))
        else:
            self._record(item, result)
        return True

    def pytest_sessionfinish(self) -> None:
        self._confirm()
        self._schedule.stop()
        gc.unfreeze()

    def _confirm(self) -> None:
        """Try again what failed or was blocked, or is rerun, one check at a time, when nothing else is on its way.

        Each is taken away before it is tried: before a broken gateway thousands wait, with all that they sent and got.
        """
        while self._unconfirmed:
            item, first = self._unconfirmed.popleft()
            attempt = functools.partial(self._attempt, item)
            alone = (first, attempt, self._run.canaries, self._routes_of(item))
            held = first.outcome is Outcome.PASS
            self._record(item, repeated(*alone) if held else confirmed(*alone, lasting=is_marked(item, LASTING)))

    def _is_rerun(self, item: pytest.Item) -> bool:
        return self._run.selection.names(requirement_of(item), check_name(item))

    def _look(self, item: pytest.Item) -> None:
        """Notice whether the operations that a check asks rest; a gateway that is gone is noticed by all that follow."""
        with suppress(Blocked):
            for route in self._routes_of(item):
                self._run.canaries.look(route)

    def _attempt(self, item: pytest.Function) -> Result:
        return run_check(self._bind(item, alone=True))

    def _routes_of(self, item: pytest.Item) -> tuple[str, ...]:
        """The operations that a check asks: as its parameter or its requirement says, else all."""
        operations = self._run.contract.operations
        named = {str(parameters_of(item).get("route")), *requirement_of(item).split(".")}
        return tuple(route for route in operations if route in named) or tuple(operations)

    def _record(self, item: pytest.Item, result: Result) -> None:
        self._run.record(requirement_of(item), check_name(item), result)

    def _bind(self, item: pytest.Item, *, alone: bool = False) -> Callable[[], Any]:
        """The check with its parameters and a case of its own. Checks take `case` and parameters, no other fixture.

        The case is made when the check begins: what the provider got before is not of it.
        """
        assert isinstance(item, pytest.Function)
        return functools.partial(self._call, item.obj, requirement_of(item), parameters_of(item), alone=alone)

    def _call(self, check: Callable[..., Any], requirement: str, parameters: dict[str, Any], *, alone: bool) -> None:
        check(case=self._run.case(requirement, alone=alone), **parameters)


def _is_conclusive(item: pytest.Item, result: Result) -> bool:
    """Whether a check that ran alone has itself repeated what it accuses of: what it used up does not come back."""
    return bool(result.findings) and is_marked(item, CONCLUSIVE)

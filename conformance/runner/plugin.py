"""The pytest plugin of a run: selects what is planned, hands each check its case, writes results into the ledger.

Thin on purpose: what runs is decided in ``plan``, how it runs in ``schedule``, what it means in ``verdicts``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from conformance.contracts import Contract
from conformance.drive.case import Case
from conformance.drive.marks import EARLY, EXCLUSIVE, LAST, REQUIREMENT
from conformance.errors import Violated
from conformance.runner.outcomes import Result
from conformance.runner.plan import Plan
from conformance.runner.schedule import Schedule

_EARLY_TURN, _ORDINARY_TURN = 0, 1
_TURNS = {EARLY: _EARLY_TURN, EXCLUSIVE: 2, LAST: 3}


class Run(Protocol):
    """What the plugin asks of the run that it serves."""

    @property
    def contract(self) -> Contract: ...

    @property
    def plan(self) -> Plan: ...

    @property
    def workers(self) -> int: ...

    def case(self, requirement_id: str) -> Case: ...

    def record(self, requirement_id: str, check: str, result: Result) -> None: ...


class SuitePlugin:
    """One run of the suite under pytest."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._schedule = Schedule(run.workers)
        self._checks: dict[str, Callable[[], Any]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        declare_markers(config)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = sorted((item for item in items if self._is_planned(item)), key=_turn)

    def _is_planned(self, item: pytest.Item) -> bool:
        """Checks are written for every operation in every encoding; those that the contract lacks are left out."""
        if requirement_of(item) not in self._run.plan.run_ids:
            return False
        parameters = _parameters(item)
        return "route" not in parameters or self._run.contract.has(parameters["route"], parameters.get("form"))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self._checks[item.nodeid] = self._bind(item)
        for turn in (_EARLY_TURN, _ORDINARY_TURN):
            pooled = [item.nodeid for item in session.items if _turn(item) == turn]
            self._schedule.start(((each, self._checks[each]) for each in pooled), waiting=turn == _EARLY_TURN)

    @pytest.fixture
    def case(self) -> None:
        """Stands in for the Case that the schedule hands to the check: pytest only has to know the name."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool:
        result = self._schedule.result(pyfuncitem.nodeid, self._checks[pyfuncitem.nodeid])
        self._run.record(requirement_of(pyfuncitem), check_name(pyfuncitem), result)
        _raise_for_pytest(result)
        return True

    def pytest_sessionfinish(self) -> None:
        self._schedule.stop()

    def _bind(self, item: pytest.Item) -> Callable[[], Any]:
        """The check with its parameters and a case of its own. Checks take ``case`` and parameters, no other fixture."""
        assert isinstance(item, pytest.Function)
        case = self._run.case(requirement_of(item))
        return functools.partial(item.obj, case=case, **_parameters(item))


class Collector:
    """Collects without running: which checks each requirement has."""

    def __init__(self) -> None:
        self.checks: dict[str, list[str]] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        declare_markers(config)

    @pytest.fixture
    def case(self) -> None:
        """See SuitePlugin.case."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            self.checks.setdefault(requirement_of(item), []).append(check_name(item))


def declare_markers(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{REQUIREMENT}(id): the requirement that the check decides")
    config.addinivalue_line("markers", f"{EXCLUSIVE}: runs alone, after all others")
    config.addinivalue_line("markers", f"{EARLY}: waits for long, so it starts first, beside the workers")
    config.addinivalue_line("markers", f"{LAST}: stops the gateway, so it runs alone, at the very end")


def requirement_of(item: pytest.Item) -> str:
    """The requirement that a check decides: the nearest mark, so that a parameter's goes before its function's."""
    marker = item.get_closest_marker(REQUIREMENT)
    return str(marker.args[0]) if marker else ""


def _parameters(item: pytest.Item) -> dict[str, Any]:
    """What the check is parametrised with; `route` and `form` name an operation and its encoding."""
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params) if callspec else {}


def check_name(item: pytest.Item) -> str:
    """The check's name for people: module and test with its parameters."""
    module = item.nodeid.split("::")[0].rsplit("/", 1)[-1].removesuffix(".py")
    return f"{module}::{item.name}"


def _turn(item: pytest.Item) -> int:
    return max((turn for name, turn in _TURNS.items() if _is(item, name)), default=_ORDINARY_TURN)


def _is(item: pytest.Item, marker: str) -> bool:
    return item.get_closest_marker(marker) is not None


def _raise_for_pytest(result: Result) -> None:
    if result.findings:
        raise Violated(*result.findings)
    if result.trouble is not None:
        raise result.trouble
    if result.reason:
        pytest.skip(result.reason)

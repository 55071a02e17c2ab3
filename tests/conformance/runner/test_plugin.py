"""The plugin runs what is planned, in phases, each check with a case of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from conformance import contracts
from conformance.reports.verdicts import Outcome
from conformance.runner.outcomes import Result
from conformance.runner.plugin import SuitePlugin
from conformance.runner.run import _ISOLATION
from conformance.runner.selection import Selection
from tests.conformance.generated.cases import case

# A module of checks as the suite has them; `TRACE` is where they leave their names.
CHECKS = """
from conformance.drive.marks import closing, conclusive, decides, each, early, exclusive, last
from conformance.errors import Blocked, Violated
from conformance.http.exchange import Finding
import {here} as TRACES


@last
@decides("x.last")
def test_a_last(case):
    TRACES.note("last")


@exclusive
@decides("x.exclusive")
def test_b_exclusive(case):
    TRACES.note("exclusive")


@each("route, form", [("speech", "json"), ("speech", "carrier-pigeon"), ("chat", "json")], "x.ordinary")
def test_c_ordinary(case, route, form):
    TRACES.note(f"ordinary {{route}} {{form}}")


@early
@decides("x.early")
def test_d_early(case):
    TRACES.note("early")


@decides("x.not-planned")
def test_e_not_planned(case):
    TRACES.note("not planned")


@decides("x.violated")
def test_f_violated(case):
    raise Violated(Finding("m", "e", case.marker))


@closing
@decides("x.closing")
def test_h_closing(case):
    TRACES.note("closing")


@exclusive
@conclusive
@decides("x.conclusive")
def test_i_conclusive(case):
    TRACES.note("conclusive")
    raise Violated(Finding("m", "e", case.marker))


@exclusive
@decides("x.inconclusive")
def test_j_inconclusive(case):
    TRACES.note("inconclusive")
    raise Violated(Finding("m", "e", case.marker))


@decides("x.blocked")
def test_g_blocked(case):
    raise Blocked("why")


@each("route", ["speech", "transcriptions"], "x.of.{{route}}")
def test_h_of_a_route(case, route):
    TRACES.note(f"of {{route}}")
"""
_traces: list[str] = []
_lock = threading.Lock()


def note(what: str) -> None:
    with _lock:
        _traces.append(what)


class Run:
    """What the plugin asks of a run, and what it was given."""

    def __init__(self, *planned: str) -> None:
        self.contract = contracts.load()
        self.plan: Any = SimpleNamespace(run_ids=frozenset(planned), absent=frozenset())
        self.workers = 2
        self.selection = Selection(())
        # A gateway that serves plain requests whenever it is asked.
        self.canaries: Any = SimpleNamespace(look=lambda _: None, serves=lambda _: True)
        self.results: dict[str, list[Result]] = {}
        self.names: list[str] = []

    def case(self, requirement_id: str, *, alone: bool = False) -> Any:
        return case(requirement=requirement_id)

    def record(self, requirement_id: str, check: str, result: Result) -> None:
        self.results.setdefault(requirement_id, []).append(result)
        self.names.append(check)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., Run]:
    """Runs the module of checks under the plugin, in this process."""
    module = tmp_path / "test_sample.py"
    module.write_text(dedent(CHECKS.format(here=__name__)), encoding="utf-8")

    def run(*planned: str) -> Run:
        _traces.clear()
        served = Run(*planned)
        options = [*_ISOLATION, "--rootdir", str(tmp_path), "-p", "no:terminal", "--import-mode=importlib"]
        pytest.main([str(module), *options], plugins=[SuitePlugin(served)])
        return served

    return run


def test_only_what_is_planned_runs(judged: Callable[..., Run]) -> None:
    """And of that, only what the contract has: other operations and encodings are left out."""
    run = judged("x.ordinary", "x.violated")

    assert set(run.results) == {"x.ordinary", "x.violated"}
    assert _traces == ["ordinary speech json"]
    assert run.names == ["test_sample::test_c_ordinary[speech-json]", "test_sample::test_f_violated"]


def test_a_check_runs_with_the_parameters_of_which_its_requirement_is_planned(judged: Callable[..., Run]) -> None:
    run = judged("x.of.transcriptions")

    assert _traces == ["of transcriptions"]
    assert run.names == ["test_sample::test_h_of_a_route[transcriptions]"]


def test_nothing_else_is_made_an_item_of(judged: Callable[..., Run], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of one requirement need not pay for the thousands of items of the others."""
    made: list[str] = []
    real = pytest.Function.from_parent
    monkeypatch.setattr(
        pytest.Function, "from_parent", lambda *args, **options: made.append(options["name"]) or real(*args, **options)
    )

    judged("x.early")

    assert set(made) == {"test_d_early"}


def test_checks_that_run_alone_come_after_all_others(judged: Callable[..., Run]) -> None:
    """First those that wait for long and the ordinary ones, then the exclusive, at the very end what stops the gateway."""
    judged("x.early", "x.exclusive", "x.closing", "x.last", "x.ordinary")

    assert set(_traces[:2]) == {"early", "ordinary speech json"}
    assert _traces[2:] == ["exclusive", "closing", "last"]


def test_what_uses_up_what_it_judges_is_not_tried_again(judged: Callable[..., Run]) -> None:
    """Any other accusation is, and before anything looks back on the run."""
    run = judged("x.conclusive", "x.inconclusive", "x.closing")

    assert [result.outcome for result in run.results["x.conclusive"]] == [Outcome.FAIL]
    assert _traces == ["conclusive", "inconclusive", "inconclusive", "closing"]


def test_what_checks_raise_is_recorded_with_their_own_cases(judged: Callable[..., Run]) -> None:
    """A violation with its findings, a blocked check with its reason."""
    run = judged("x.violated", "x.blocked", "x.early")
    ((violated,), (blocked,), (passed,)) = (run.results[name] for name in ("x.violated", "x.blocked", "x.early"))

    assert (violated.outcome, violated.findings[0].message) == (Outcome.FAIL, "m")
    assert violated.findings[0].got.startswith("mark")
    assert (blocked.outcome, blocked.reason) == (Outcome.BLOCKED, "why")
    assert passed.outcome is Outcome.PASS

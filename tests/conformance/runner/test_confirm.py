"""What failed among others is tried alone: it fails again, or it is unsteady; what was blocked gets another try."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from conformance.contracts import Statuses
from conformance.errors import Blocked
from conformance.http.exchange import Answer, Exchange, Finding, Request
from conformance.reports.verdicts import Outcome
from conformance.runner.canary import Canaries
from conformance.runner.confirm import TRIES, confirmed, needs_confirmation, repeated
from conformance.runner.outcomes import Result

FAILED = Result(
    Outcome.FAIL, 0.1, "in the crowd", (Finding("in the crowd", "x", "y"),), beside=("a/test_b.py::test_c",)
)
ALONE = Result(Outcome.FAIL, 0.1, "alone", (Finding("alone", "x", "y"),))
HELD = Result(Outcome.PASS, 0.1)
BLOCKED = Result(Outcome.BLOCKED, 0.1, "not served")


def attempts(*results: Result) -> Callable[[], Result]:
    left = list(results)
    return lambda: left.pop(0)


def serving() -> Canaries:
    served = Exchange(Request("POST", "http://g/audio/speech"), Answer(200, (), b"x"))
    return Canaries(lambda _: served, {"speech": "/audio/speech"}, Statuses(("200",)))


def tried(first: Result, *results: Result) -> Result:
    return confirmed(first, attempts(*results), serving(), ["speech"])


def test_what_fails_again_is_a_violation_with_the_evidence_of_the_lone_try() -> None:
    assert tried(FAILED, ALONE) == ALONE
    assert tried(FAILED, HELD, HELD, ALONE) == ALONE


def test_what_holds_every_time_alone_is_unsteady_and_says_what_stood_beside_it() -> None:
    result = tried(FAILED, *[HELD] * TRIES)
    assert result.outcome is Outcome.UNSTEADY
    assert result.findings == FAILED.findings
    assert "alone it held 3 times" in result.reason
    assert "test_b::test_c" in result.reason


def test_what_cannot_be_decided_alone_is_no_violation_either() -> None:
    result = tried(FAILED, HELD, BLOCKED, HELD)
    assert result.outcome is Outcome.BLOCKED
    assert "alone it could not be decided" in result.reason


def test_what_was_blocked_is_tried_once_more() -> None:
    assert tried(BLOCKED, HELD) == HELD
    assert tried(BLOCKED, BLOCKED) == BLOCKED


def test_a_failure_of_what_was_blocked_is_confirmed_like_any_other() -> None:
    assert tried(BLOCKED, ALONE, ALONE) == ALONE
    assert tried(BLOCKED, FAILED, *[HELD] * TRIES).outcome is Outcome.UNSTEADY


@pytest.mark.parametrize(("outcome", "needs"), [(Outcome.FAIL, True), (Outcome.BLOCKED, True), (Outcome.PASS, False)])
def test_only_accusations_and_obstacles_are_tried_again(outcome: Outcome, *, needs: bool) -> None:
    assert needs_confirmation(Result(outcome, 0.1)) is needs


def test_what_lasts_needs_no_second_failure() -> None:
    """A gateway that never serves again cannot be brought to fail anew: that it refuses a plain request is proof enough."""
    refused = Exchange(Request("POST", "http://g/audio/speech"), Answer(429, (), b"x"))
    dead = Canaries(lambda _: refused, {"speech": "/audio/speech"}, Statuses(("200",)))
    assert confirmed(FAILED, attempts(), dead, ["speech"], lasting=True) == FAILED
    assert confirmed(BLOCKED, attempts(), dead, ["speech"], lasting=True) == BLOCKED
    assert confirmed(FAILED, attempts(ALONE), serving(), ["speech"], lasting=True) == ALONE


def test_nothing_is_judged_in_a_rest_that_the_run_cannot_wait_out() -> None:
    """A provider may be rested for a minute: where no time is left to wait for that, nothing is said of it."""
    answers = iter([200, *[503] * 100])
    now = [0.0]

    def ask(_: str) -> Exchange:
        return Exchange(Request("POST", "http://g/audio/speech"), Answer(next(answers), (), b"x"))

    def sleep(seconds: float) -> None:
        now[0] += seconds

    timed = {"budget_s": 5.0, "clock": lambda: now[0], "sleep": sleep}
    canaries = Canaries(ask, {"speech": "/audio/speech"}, Statuses(("200",)), **timed)  # type: ignore[arg-type]
    canaries.note(ask("speech"))
    found = confirmed(FAILED, attempts(), canaries, ["speech"])
    assert found.outcome is Outcome.BLOCKED
    assert "rests" in found.reason
    now[0] += 60
    assert confirmed(FAILED, attempts(ALONE), canaries, ["speech"]) == ALONE


def test_a_gateway_that_is_gone_leaves_what_was_decided_before() -> None:
    """Nobody is left to show otherwise, and no try is made."""

    def gone(_: str) -> Exchange:
        raise Blocked("the gateway no longer answers")

    canaries = Canaries(gone, {"speech": "/audio/speech"}, Statuses(("200",)))
    for first in (FAILED, BLOCKED):
        assert confirmed(first, attempts(), canaries, ["speech"]) == first


def test_a_check_that_is_run_by_itself_is_tried_as_often_as_one_that_failed() -> None:
    """Else a rerun that happens to hold says nothing of a failure that was seen in the third try."""
    assert repeated(HELD, attempts(HELD, ALONE), serving(), ["speech"]) == ALONE
    assert repeated(HELD, attempts(*[HELD] * (TRIES - 1)), serving(), ["speech"]) == HELD

"""After a bad request the next valid one is served: on the connection it came by, where that is kept, and on a fresh one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.drive.abandon import abandon
from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS
from conformance.drive.marks import each, exclusive
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, valid_request
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding, Request
from conformance.http.kept import KeptConnection
from conformance.judge.client.statuses import status_is
from conformance.samples.malformed import odd_json

_Make = Callable[[Case, str, str], Request]
_BAD_NAMES = ("unknown-token", "unreadable-body", "content-type", "missing-field", "unknown-model", "unknown-path")


def _odd(kind: str) -> _Make:
    return lambda case, route, _: case.request(route, odd_json(kind, {}))


def _another_method(case: Case, route: str, form: str) -> Request:
    return replace(valid_request(case, route, form), method="PUT")


_BAD: dict[str, _Make] = {
    **{name: FAULTS[name] for name in _BAD_NAMES},
    "deep-json": _odd("deep-lists"),
    "huge-number": _odd("huge-integer"),
    "another-method": _another_method,
}


def _precondition(case: Case, route: str, form: str) -> None:
    exchange = case.send(valid_request(case, route, form))
    if exchange.status not in case.contract.statuses("served"):
        raise Blocked(f"a valid request is not served in the first place: {exchange.got}", exchange)


def _judged_twice(case: Case, attempt: Callable[[Case], list[Exchange]], because: str) -> None:
    """Judge the second attempt, where the first fails: a provider may fail once for reasons of its own."""
    findings: list[Finding] = []
    for _ in range(2):
        found = [
            status_is(exchange, case.contract.statuses("served"), because=because)
            for exchange in attempt(case.example())
        ]
        findings = [finding for finding in found if finding]
        if not findings:
            return
    case.judge(*findings)


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.recovery")
@pytest.mark.parametrize("kind", _BAD)
def test_a_valid_request_after_a_bad_one_is_served(case: Case, route: str, form: str, kind: str) -> None:
    _precondition(case, route, form)

    def attempt(this: Case) -> list[Exchange]:
        kept = _valid_after_bad(this, _BAD[kind](this, route, form), valid_request(this, route, form))
        return [*kept, this.send(valid_request(this, route, form))]

    _judged_twice(case, attempt, f"{route} ({form}): a valid request right after a bad one ({kind})")


def _valid_after_bad(case: Case, bad: Request, valid: Request) -> list[Exchange]:
    """Both on one connection. Empty where the gateway closed it instead of answering twice, which it may."""
    case.gateway.wait_for_limits()
    try:
        with KeptConnection(case.gateway.endpoint, case.gateway.timeout_s, case.gateway.observe) as connection:
            if not connection.ask(bad).kept:
                return []
            case.gateway.wait_for_limits()
            exchange = connection.ask(valid).exchange
    except OSError:
        return []
    if exchange.over_limit:
        raise Blocked("the gateway's own limit is in the way", exchange)
    return [exchange] if exchange.answer or exchange.timed_out else []


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.recovery")
def test_a_valid_request_after_an_abandoned_one_is_served(case: Case, route: str, form: str) -> None:
    """A client that goes away in the middle of its body leaves nothing behind."""
    _precondition(case, route, form)

    def attempt(this: Case) -> list[Exchange]:
        for _ in range(3):
            abandon(this, valid_request(this, route, form))
        return [this.send(valid_request(this, route, form))]

    _judged_twice(case, attempt, f"{route} ({form}): a valid request after abandoned ones")

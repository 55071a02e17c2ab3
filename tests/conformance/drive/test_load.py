"""Many requests at once: all are in flight before one is answered, and a first failure accuses nobody."""

from __future__ import annotations

import threading

import pytest

from conformance.drive.case import Case
from conformance.drive.load import all_at_once, all_in_flight, send_on
from conformance.errors import Blocked, Violated
from tests.conformance.drive.live import HoldingProvider, live_case
from tests.conformance.fake_gateway import Reply, Seen

SEND = send_on(["speech"])


def members(case: Case, count: int = 3) -> list[Case]:
    return [case.example() for _ in range(count)]


def test_all_are_sent_at_the_same_time_and_come_back_in_order() -> None:
    meeting = threading.Barrier(3)

    def behave(seen: Seen) -> Reply:
        meeting.wait(timeout=10)
        return Reply(body=seen.body)

    with live_case(behave) as case:
        cases = members(case)
        exchanges = all_at_once(cases, SEND)
    bodies = [exchange.answer.body.decode() for exchange in exchanges if exchange.answer]
    assert [member.marker in body for member, body in zip(cases, bodies, strict=True)] == [True] * 3


def test_a_failure_is_judged_by_a_second_attempt() -> None:
    statuses = iter([500, 200, 200, 200, 200, 200])
    with live_case(lambda _: Reply(next(statuses))) as case:
        assert [exchange.status for exchange in all_at_once(members(case), SEND)] == [200] * 3


def test_a_failure_that_stays_is_found() -> None:
    with live_case(lambda _: Reply(500, b"busy")) as case, pytest.raises(Violated) as raised:
        all_at_once(members(case), SEND)
    assert {finding.got for finding in raised.value.findings} == {"500 busy"}


def test_a_gateway_that_holds_some_off_is_not_judged() -> None:
    with live_case(lambda _: Reply(503)) as case, pytest.raises(Blocked, match="was not served: 503"):
        all_at_once(members(case), SEND)


def test_the_last_to_arrive_is_answered_first() -> None:
    provider = HoldingProvider()

    def behave(seen: Seen) -> Reply:
        provider.receive(seen)
        return Reply()

    with live_case(behave, provider) as case:
        exchanges = all_in_flight(case, members(case), SEND, lambda member: {"body": member.marker})
    assert [exchange.status for exchange in exchanges] == [200] * 3
    assert provider.released == [3, 2, 1]
    assert all(act["hold"].startswith("load-") and "body" in act for act in provider.acts)


def test_requests_that_fail_only_while_held_accuse_nobody() -> None:
    """The gateway gave its provider up: requests that are not held are served, so nothing can be said."""
    provider = HoldingProvider()
    held = iter([True] * 3)

    def behave(seen: Seen) -> Reply:
        if next(held, False):
            provider.receive(seen)
            return Reply(500)
        return Reply()

    with live_case(behave, provider) as case, pytest.raises(Blocked, match="was not served: 500"):
        all_in_flight(case, members(case), SEND, lambda _: {})

"""Shutting down: new requests are told 503, the one in flight is finished. These run last: they stop the gateway."""

from __future__ import annotations

from conformance.drive.case import Case
from conformance.drive.drain import drain, longest_hold_s
from conformance.drive.marks import decides, each, last
from conformance.drive.requests import OPERATIONS
from conformance.errors import Blocked
from conformance.judge.concurrency import own_audio, own_text
from conformance.judge.lifecycle import draining_since, drains, finished

# How late a signal may reach every worker of a busy gateway.
_SLOW_TO_HEAR_S = 2.0


@last
@decides("lifecycle.new-requests")
def test_a_new_request_while_draining_is_503(case: Case) -> None:
    """A gateway has to be gone within drain_s, so it cannot go on taking requests for a large part of it."""
    seen = drain(case, "speech", {}, watch_s=max(longest_hold_s(case), _SLOW_TO_HEAR_S))
    case.judge(drains(seen.fresh, seen.watched_s))


@last
@decides("lifecycle.kept-connections")
def test_a_new_request_on_a_kept_connection_while_draining_is_503(case: Case) -> None:
    seen = drain(case, "speech", {}, watch_s=max(longest_hold_s(case), _SLOW_TO_HEAR_S))
    began = next((probe for probe in seen.fresh if probe.shows_draining), None)
    if began is None:
        raise Blocked("the gateway does not begin to drain; another check says so")
    case.judge(drains((began, *seen.kept), seen.watched_s))


@last
@each("route", OPERATIONS, "lifecycle.in-flight.{route}")
def test_the_request_in_flight_is_finished(case: Case, route: str) -> None:
    """Held at the provider only until the gateway drains, and never so long that the gateway gives the provider up."""
    text = f"What {case.marker} said."
    answer = {} if route == "speech" else {"body": {"json": {"text": text}}}
    seen = drain(case, route, answer, watch_s=longest_hold_s(case) / 2)
    if draining_since(seen.fresh) is None:
        raise Blocked("the gateway was not seen to drain while the request was held", seen.held)
    if seen.held_s > longest_hold_s(case) and seen.held.status != 200:
        raise Blocked("the request was held too long to blame the gateway for not finishing it", seen.held)
    finding = finished(seen.held)
    if finding is None and route == "speech":
        finding = own_audio(seen.held, case.call(seen.held))
    case.judge(finding if finding or route == "speech" else own_text(seen.held, text))

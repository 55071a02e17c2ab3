"""Shutting down: new requests are refused, the one in flight is finished. These run last: they stop the gateway."""

from __future__ import annotations

from conformance.drive.case import Case
from conformance.drive.drain import drain, longest_hold_s
from conformance.drive.marks import decides, each, last
from conformance.drive.requests import OPERATIONS
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.speech import same_bytes
from conformance.judge.client.transcripts import text_is
from conformance.judge.lifecycle import draining_since, drains, finished

# How late a signal may reach every worker of a busy gateway.
_LATE_SIGNAL_S = 2.0


@last
@decides("lifecycle.new-requests")
def test_a_new_request_while_draining_is_refused(case: Case) -> None:
    """A gateway has to be gone within drain_s, so it cannot go on taking requests for a large part of it."""
    result = drain(case, "speech", {}, watch_s=max(longest_hold_s(case), _LATE_SIGNAL_S))
    case.judge(drains(result.fresh, result.watched_s))


@last
@decides("lifecycle.kept-connections")
def test_a_new_request_on_a_kept_connection_while_draining_is_refused(case: Case) -> None:
    result = drain(case, "speech", {}, watch_s=max(longest_hold_s(case), _LATE_SIGNAL_S))
    began = next((probe for probe in result.fresh if probe.shows_draining), None)
    if began is None:
        raise Blocked("the gateway does not begin to drain; another check judges that")
    case.judge(drains((began, *result.kept), result.watched_s))


@last
@each("route", OPERATIONS, "lifecycle.in-flight.{route}")
def test_the_request_in_flight_is_finished(case: Case, route: str) -> None:
    """Held at the provider only until the gateway drains, and never so long that the gateway gives the provider up."""
    text = f"What {case.marker} said."
    gives_audio = case.contract.operations[route].gives_audio
    answer = {} if gives_audio else {"body": {"json": {"text": text}}}
    result = drain(case, route, answer, watch_s=longest_hold_s(case) / 2)
    if draining_since(result.fresh) is None:
        raise Blocked("the gateway did not drain while the request was held", result.held)
    if result.held_s > longest_hold_s(case) and result.held.status not in case.contract.statuses("served"):
        raise Blocked("the request was held too long to blame the gateway for not finishing it", result.held)
    case.judge(finished(result.held, case.contract.statuses("served")) or _own_content(case, route, result.held, text))


def _own_content(case: Case, route: str, held: Exchange, text: str) -> Finding | None:
    if case.contract.operations[route].gives_audio:
        return same_bytes(held, [case.call(held)])
    return text_is(held, text, case.contract.transcript(), because="the request that was in flight")

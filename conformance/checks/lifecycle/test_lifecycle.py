"""Shutting down: new requests are refused, those in flight are finished. These run last: they stop the gateway.

All look at one drain, of the gateway as the run found it: a process that has served for a while may behave otherwise than
one that was started a moment ago. What is drained again is warmed up before.
"""

from __future__ import annotations

from conformance.contracts import Statuses
from conformance.drive.case import Case
from conformance.drive.drain import FirstDrain, Held, longest_hold_s, text_of
from conformance.drive.marks import decides, each, last
from conformance.drive.requests import OPERATIONS
from conformance.errors import Blocked
from conformance.http.exchange import Finding
from conformance.judge.client.speech import same_bytes
from conformance.judge.client.transcripts import text_is
from conformance.judge.lifecycle import draining_since, drains, finished

_HELD = "speech"


@last
@decides("lifecycle.new-requests")
def test_a_new_request_while_draining_is_refused(case: Case) -> None:
    """A gateway has to be gone within drain_s, so it cannot go on taking requests for a large part of it."""
    result = case.shared.get(FirstDrain).of(case, _HELD)
    case.judge(drains(result.fresh, result.watched_s, _ordinary(case)))


@last
@decides("lifecycle.kept-connections")
def test_a_new_request_on_a_kept_connection_while_draining_is_refused(case: Case) -> None:
    result = case.shared.get(FirstDrain).of(case, _HELD)
    began = next((probe for probe in result.fresh if probe.shows_draining), None)
    if began is None:
        raise Blocked("the gateway does not begin to drain; another check judges that")
    case.judge(drains((began, *result.kept), result.watched_s, _ordinary(case)))


@last
@each("route", OPERATIONS, "lifecycle.in-flight.{route}")
def test_the_request_in_flight_is_finished(case: Case, route: str) -> None:
    """Held at the provider only until the gateway drains, and never so long that the gateway gives the provider up."""
    result = case.shared.get(FirstDrain).of(case, route)
    held = result.held[route]
    if draining_since(result.fresh) is None:
        raise Blocked("the gateway did not drain while the request was held", held.exchange)
    if held.held_s > longest_hold_s(case) and not case.is_served(held.exchange):
        raise Blocked("the request was held too long to blame the gateway for not finishing it", held.exchange)
    case.judge(finished(held.exchange, case.contract.statuses("served")) or _own_content(held, route))


def _ordinary(case: Case) -> tuple[Statuses, ...]:
    """What a valid request may be answered while the gateway does not drain."""
    return case.contract.statuses("served"), case.contract.statuses("limit")


def _own_content(held: Held, route: str) -> Finding | None:
    case, exchange = held.case, held.exchange
    if case.contract.operations[route].gives_audio:
        return same_bytes(exchange, [case.call(exchange)])
    return text_is(exchange, text_of(case), case.contract.transcript(), because="the request that was in flight")

"""Streams that last: what is sent keeps reaching the client, however much has gone before."""

from __future__ import annotations

from conformance.checks.streams.test_streams import ROUTES
from conformance.drive.case import Case
from conformance.drive.lasting import Lasting, lasting
from conformance.drive.marks import each
from conformance.http.exchange import Finding

_PORTIONS = 8


@each("route", ROUTES, "streams.{route}.lasting")
def test_a_stream_that_lasts_goes_on_flowing(case: Case, route: str) -> None:
    """Hundreds of events; the provider waits again and again, until the client has all of them so far."""
    found = lasting(case, route, _PORTIONS)
    case.succeeded(found.exchange)
    case.judge(_finding(found, f"a stream of {route} of {found.sent} events"))


def _finding(found: Lasting, because: str) -> Finding | None:
    if found.held_back:
        message = f"{because}: what the provider had sent is held back"
    elif found.came < found.sent or not found.ended:
        message = f"{because}: events are lost, or out of order"
    else:
        return None
    expected = f"{found.sent} events in order{'' if found.held_back else ', and the last one'}"
    end = "" if found.ended or found.held_back else ", no last one"
    return Finding(message, expected, f"{found.came} in order{end}", (found.exchange,))

"""Whether a request reached the provider at all, where that is the question: served ones must, refused ones must not."""

from __future__ import annotations

import json
from collections.abc import Callable

from conformance.drive.case import Case
from conformance.drive.requests import after_all, ask, seen
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Request
from conformance.judge.upstream.routing import provider_reached
from conformance.mock.calls import Call

Make = Callable[[Case, str, str], Request]
WINDOWS = 3


def routed(case: Case, route: str, form: str, key: str) -> tuple[Exchange, list[Call]]:
    """A request and its calls. Where it was served without any, a sibling tells whether the mock is behind at all."""
    exchange = ask(case, route, form, model=key)
    calls = case.calls()
    if not calls:
        sibling = case.example()
        other = "transcriptions" if route == "speech" else "speech"
        ask(sibling, other, "json")
        case.judge(provider_reached(exchange, calls, sibling.calls()))
    return exchange, seen(case, exchange)


def refused_in_window(case: Case, route: str, form: str, make: Make) -> tuple[Exchange, list[Call]]:
    """A refused request and the provider's calls from just before it until a later request was served.

    Nothing else of this run is on its way; a call that bears no marker of ours may be another user's of the mock, so the
    window is tried again. Raises Blocked where none of them is clean, or where the request is not refused at all.
    """
    for _ in range(WINDOWS):
        this = case.example()
        start = case.provider.position()
        exchange = this.send(make(this, route, form))
        if exchange.status is None or not 400 <= exchange.status < 500:
            raise Blocked(f"not refused, so there is nothing to see: {exchange.got}", exchange)
        own = after_all(this, route, lambda later: ask(later, route, form))
        if own or not _strange(case, case.provider.calls(since=start)):
            return exchange, own
    raise Blocked(f"others use the mock provider too: {WINDOWS} windows in a row had calls that may be theirs")


def _strange(case: Case, calls: list[Call]) -> list[Call]:
    """The calls without a marker of this run."""
    run = case.marker.rpartition("n")[0]
    return [call for call in calls if run not in json.dumps([call["fields"], call["file"]])]

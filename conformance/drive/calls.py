"""The recorded calls of a request: which there are, whether there is one at all, and whether all have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.drive.case import Case
from conformance.drive.requests import OPERATIONS, Make, marker_in_text, valid_request
from conformance.drive.scripts import match_of
from conformance.errors import Blocked, NotForwarded, NotVerified
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Request
from conformance.judge.upstream.routing import provider_reached
from conformance.mock.calls import RecordedCall

FACES = ("openai", "azure")
WINDOWS = 3


def marked_request(case: Case, route: str, form: str = "", **changes: Any) -> Request:
    """A valid request with the marker in a text of it too: for checks that look for its call."""
    return valid_request(case, route, form, **{**marker_in_text(case, route), **changes})


def ask_marked(case: Case, route: str, form: str = "", **changes: Any) -> Exchange:
    """Sends what `marked_request` makes."""
    return case.send(marked_request(case, route, form, **changes))


def seen(case: Case, exchange: Exchange, upload: Upload | None = None) -> list[RecordedCall]:
    """The recorded calls that a request led to, whatever the provider answered. Raises Blocked where there is none."""
    if calls := case.calls(upload) or case.calls_resembling():
        return calls
    case.succeeded(exchange)
    raise NotForwarded(exchange)


def asked_anew(case: Case, route: str, form: str, **changes: Any) -> tuple[Exchange, list[RecordedCall]]:
    """Sends a valid request; returns it with those of the provider's calls that it led to, not an earlier one like it."""
    since = case.provider.position()
    exchange = case.succeeded(ask_marked(case, route, form, **changes))
    return exchange, case.provider.calls(since=since, **match_of(case, route))


def calls_after_all(case: Case, route: str, form: str = "", upload: Upload | None = None) -> list[RecordedCall]:
    """The recorded calls of the case, fetched after a later request has gone all the way: by then they have arrived.

    Raises Blocked where the later one is not served.
    """
    later = case.example()
    later.call(ask_marked(later, route, form))
    return case.calls(upload)


def routed(case: Case, route: str, form: str, key: str) -> tuple[Exchange, list[RecordedCall]]:
    """A request and its recorded calls; where it was served without any, another operation shows if the mock is behind."""
    exchange = ask_marked(case, route, form, model=key)
    calls = case.calls()
    if not calls:
        sibling = case.example()
        ask_marked(sibling, _sibling_of(case, route))
        case.judge(provider_reached(exchange, calls, sibling.calls()))
    return exchange, seen(case, exchange)


def _sibling_of(case: Case, route: str) -> str:
    """An operation that other model keys serve; the same where the contract has no other."""
    operations = case.contract.operations
    capability = operations[route].capability
    return next(
        (name for name in OPERATIONS if name in operations and operations[name].capability != capability), route
    )


def refused_in_window(case: Case, route: str, form: str, make: Make) -> tuple[Exchange, list[RecordedCall]]:
    """A refused request, and the recorded calls from just before it until a later request was served.

    Nothing else of this run is in flight; a call that bears no marker of ours may be another user's of the mock, so the
    window is tried again. Raises Blocked where none of them is clean, or where the request is not refused at all.
    """
    for _ in range(WINDOWS):
        this = case.example()
        start = case.provider.position()
        exchange = this.send(make(this, route, form))
        if exchange.status not in case.contract.statuses("client-fault"):
            raise Blocked(f"not refused, so there is nothing to see: {exchange.got}", exchange)
        own = calls_after_all(this, route, form)
        if own or not _strange(case, case.provider.calls(since=start)):
            return exchange, own
    raise Blocked(f"others use the mock provider too: {WINDOWS} windows in a row had calls that may be theirs")


def _strange(case: Case, calls: list[RecordedCall]) -> list[RecordedCall]:
    """The calls without a marker of this run."""
    run = case.marker.rpartition("n")[0]
    return [call for call in calls if run not in repr((call.fields, call.file))]


def expected_of(mapping: Mapping[str, str], key: str, name: str) -> str:
    """What the target says that a key maps to. Raises NotVerified where it does not say."""
    if key not in mapping:
        raise NotVerified(f"declare {name}.{key}: what the model key {key} maps to")
    return mapping[key]

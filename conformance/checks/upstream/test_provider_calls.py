"""Calls: one request is one call, a refused one is none."""

from __future__ import annotations

import json
from typing import Any

from conformance.drive.calls import ask_marked, calls_after_all, marked_request, refused_in_window
from conformance.drive.case import Case
from conformance.drive.marks import each, exclusive
from conformance.drive.requests import (
    OMIT,
    OPERATIONS_AND_ENCODINGS,
    Make,
    marker_in_text,
    valid_body,
    with_header,
    without_content,
)
from conformance.errors import Blocked, NotForwarded
from conformance.http.bodies import Body, json_body
from conformance.http.exchange import Request
from conformance.judge.upstream.calls import called_once, not_called


@each("route, form", OPERATIONS_AND_ENCODINGS, "calls.{route}.one")
def test_a_request_is_one_call(case: Case, route: str, form: str) -> None:
    exchange = case.succeeded(ask_marked(case, route, form))
    if exchange.resent:
        raise Blocked("a closed connection made the suite send the request twice", exchange)
    calls = calls_after_all(case, route, form)
    if not calls:
        raise NotForwarded(exchange)
    case.judge(called_once(exchange, calls))


def _lacking(field: str) -> Make:
    return lambda case, route, form: marked_request(case, route, form, **{field: OMIT})


def _without_audio(case: Case, route: str, form: str) -> Request:
    """Its marker stands in a field of less weight."""
    marked = "instructions" if case.contract.operations[route].takes_text else "prompt"
    return without_content(case, route, form, **{marked: case.marker})


def _unauthorised(value: str | None) -> Make:
    return lambda case, route, form: with_header(marked_request(case, route, form), "Authorization", value)


def _unknown_model(case: Case, route: str, form: str) -> Request:
    return marked_request(case, route, form, model=f"no-such-model-{case.marker}")


def _other_type(case: Case, route: str, form: str) -> Request:
    return with_header(marked_request(case, route, form), "Content-Type", "text/plain")


def _undecodable(case: Case, route: str, form: str) -> Request:
    """The JSON form with audio that no base64 variant decodes; for the other bodies, one that is cut off."""
    body = valid_body(case, route, form, **marker_in_text(case, route))
    if form == "json" and not case.contract.operations[route].takes_text:
        document: dict[str, Any] = json.loads(body.data)
        document["audio"]["data"] = "!!!"
        body = json_body(document)
    else:
        body = Body(body.data[:-20], body.content_type)
    return case.request(route, body)


# What is refused, under the requirement that it belongs to.
_REFUSED: dict[str, dict[str, Make]] = {
    "bad-request": {
        "model-missing": _lacking("model"),
        "input-missing": _without_audio,
        "unreadable": _undecodable,
        "content-type": _other_type,
    },
    "no-token": {"none": _unauthorised(None), "unknown": _unauthorised("Bearer cpeer_no_such_token")},
    "unknown-model": {"unknown": _unknown_model},
}
_EVERY = [
    (route, form, kind, fault)
    for route, form in OPERATIONS_AND_ENCODINGS
    for kind, faults in _REFUSED.items()
    for fault in faults
]


@exclusive
@each("route, form, kind, fault", _EVERY, "calls.{route}.{kind}")
def test_a_refused_request_is_no_call(case: Case, route: str, form: str, kind: str, fault: str) -> None:
    exchange, calls = refused_in_window(case, route, form, _REFUSED[kind][fault])
    case.judge(not_called(exchange, calls, because=f"{route} ({form}): {kind} ({fault})"))

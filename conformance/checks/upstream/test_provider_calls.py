"""Calls: one request is one call, a refused one is none."""

from __future__ import annotations

import json
from typing import Any

from conformance.drive.calls import Make, refused_in_window
from conformance.drive.case import ROUTES, Case
from conformance.drive.marks import each, exclusive
from conformance.drive.requests import ROUTES_AND_FORMS, after_all, ask, body_of, request_of
from conformance.drive.routes import with_header
from conformance.errors import Blocked
from conformance.http.bodies import Body, json_body
from conformance.http.exchange import Request
from conformance.judge.upstream.fields import called_once, not_called


@each("route, form", ROUTES_AND_FORMS, "calls.{route}.one")
def test_a_request_is_one_call(case: Case, route: str, form: str) -> None:
    exchange = case.succeeded(ask(case, route, form))
    if exchange.resent:
        raise Blocked("a closed connection made the suite send the request twice", exchange)
    calls = after_all(case, route, lambda later: ask(later, route, form))
    if not calls:
        raise Blocked("the provider saw no call of this case; is the gateway routed to the mock?", exchange)
    case.judge(called_once(exchange, calls))


def _lacking(field: str) -> Make:
    return lambda case, route, form: request_of(case, route, form, **{field: ...})


def _without_audio(case: Case, route: str, form: str) -> Request:
    if route == "speech":
        return request_of(case, route, form, input=..., instructions=case.marker)
    body = case.transcript_body(form, None, model=case.transcription_model, prompt=case.marker)
    return case.gateway.request(ROUTES[route], body)


def _unauthorised(value: str | None) -> Make:
    return lambda case, route, form: with_header(request_of(case, route, form), "Authorization", value)


def _unknown_model(case: Case, route: str, form: str) -> Request:
    return request_of(case, route, form, model=f"no-such-model-{case.marker}")


def _other_type(case: Case, route: str, form: str) -> Request:
    return with_header(request_of(case, route, form), "Content-Type", "text/plain")


def _undecodable(case: Case, route: str, form: str) -> Request:
    """The JSON form with audio that no base64 variant decodes; for the other bodies, one that is cut off."""
    body = body_of(case, route, form)
    if route != "speech" and form == "json":
        document: dict[str, Any] = json.loads(body.data)
        document["audio"]["data"] = "!!!"
        body = json_body(document)
    else:
        body = Body(body.data[:-20], body.content_type)
    return case.gateway.request(ROUTES[route], body)


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
    for route, form in ROUTES_AND_FORMS
    for kind, faults in _REFUSED.items()
    for fault in faults
]


@exclusive
@each("route, form, kind, fault", _EVERY, "calls.{route}.{kind}")
def test_a_refused_request_is_no_call(case: Case, route: str, form: str, kind: str, fault: str) -> None:
    exchange, calls = refused_in_window(case, route, form, _REFUSED[kind][fault])
    case.judge(not_called(exchange, calls, because=f"{route} ({form}): {kind} ({fault})"))

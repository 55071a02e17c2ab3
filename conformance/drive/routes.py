"""The three routes in every form that each takes, and requests on them that are valid but for one header."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from conformance.drive.case import FORMS, ROUTES, TRANSCRIPT_ROUTES, Case
from conformance.errors import Blocked
from conformance.http.bodies import Body, json_body
from conformance.http.exchange import Finding, Headers, Request
from conformance.judge.client.statuses import status_is

ROUTES_AND_FORMS = [("speech", "json"), *product(TRANSCRIPT_ROUTES, FORMS)]


def valid_body(case: Case, route: str, form: str) -> Body:
    return json_body(case.speech_fields()) if route == "speech" else case.transcript_body(form)


def valid_request(case: Case, route: str, form: str) -> Request:
    return case.gateway.request(ROUTES[route], valid_body(case, route, form))


def with_header(request: Request, name: str, value: str | None) -> Request:
    """The request with another value of a header, or without it."""
    others: Headers = tuple(pair for pair in request.headers if pair[0].lower() != name.lower())
    return replace(request, headers=others if value is None else ((name, value), *others))


def accepted(case: Case, request: Request, plain: Request, *, because: str) -> Finding | None:
    """Send a request that has to be served. Raises Blocked where the plain one, without its peculiarity, is not either."""
    exchange = case.send(request)
    finding = status_is(exchange, 200, because=because)
    if finding and case.send(plain).status != 200:
        raise Blocked(f"a plain valid request is not served either: {exchange.got}", exchange)
    return finding

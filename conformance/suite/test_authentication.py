"""Authentication: every route asks for the bearer token, in both request forms, and says 401 to anything else."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from conformance.bodies import json_body
from conformance.case import FORMS, ROUTES, TRANSCRIPT_ROUTES, Case
from conformance.exchange import Headers, Request
from conformance.judge.statuses import status_is
from conformance.suite.marks import decides, each

# The three routes in every form that each takes.
ROUTES_AND_FORMS = [("speech", "json"), *product(TRANSCRIPT_ROUTES, FORMS)]


def valid_request(case: Case, route: str, form: str) -> Request:
    body = json_body(case.speech_fields()) if route == "speech" else case.transcript_body(form)
    return case.gateway.request(ROUTES[route], body)


def with_authorization(request: Request, value: str | None) -> Request:
    """The request with another Authorization header, or with none."""
    others: Headers = tuple((name, old) for name, old in request.headers if name.lower() != "authorization")
    return replace(request, headers=others if value is None else (("Authorization", value), *others))


@each("route, form", ROUTES_AND_FORMS, "authentication.{route}.missing")
def test_no_authorization_header_is_401(case: Case, route: str, form: str) -> None:
    exchange = case.send(with_authorization(valid_request(case, route, form), None))
    case.judge(status_is(exchange, 401, because=f"{route} ({form}) without an Authorization header"))


@each("route, form", ROUTES_AND_FORMS, "authentication.{route}.unknown-token")
def test_an_unknown_token_is_401(case: Case, route: str, form: str) -> None:
    exchange = case.send(with_authorization(valid_request(case, route, form), "Bearer cpeer_no_such_token"))
    case.judge(status_is(exchange, 401, because=f"{route} ({form}) with an unknown token"))


@each("route, form", ROUTES_AND_FORMS, "authentication.{route}.other-scheme")
@pytest.mark.parametrize("scheme", ["Basic", "Token"])
def test_another_scheme_is_401(case: Case, route: str, form: str, scheme: str) -> None:
    request = with_authorization(valid_request(case, route, form), f"{scheme} {case.target.token}")
    case.judge(status_is(case.send(request), 401, because=f"{route} ({form}) with the token under the scheme {scheme}"))


@each("route, form", ROUTES_AND_FORMS, "authentication.{route}.empty-token")
def test_an_empty_token_is_401(case: Case, route: str, form: str) -> None:
    exchange = case.send(with_authorization(valid_request(case, route, form), "Bearer"))
    case.judge(status_is(exchange, 401, because=f"{route} ({form}) with nothing after Bearer"))


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
@decides("authentication.scheme-case")
def test_the_scheme_is_accepted_in_any_case(case: Case, scheme: str) -> None:
    request = with_authorization(valid_request(case, "speech", "json"), f"{scheme} {case.target.token}")
    case.judge(status_is(case.send(request), 200, because=f"a valid token under the scheme {scheme}"))

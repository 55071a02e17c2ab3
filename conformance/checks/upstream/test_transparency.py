"""What a gateway that hands on hands on: the provider's errors with their names and headers, its documents."""

from __future__ import annotations

import time
from itertools import product
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS, TRANSCRIPT_OPERATIONS, ask
from conformance.drive.scripts import json_response, match_of, scripted_response
from conformance.errors import Blocked
from conformance.http.exchange import Exchange
from conformance.judge.upstream.transparency import (
    carries_in_a_header,
    error_named,
    has_every_member,
    has_headers_like,
    keeps_retry_after,
    status_of_class,
)

# 401 and 403 are about the gateway's own key, which is no business of the client's.
_STATUSES = (400, 404, 409, 413, 422, 429, 500, 502, 503, 529)
_ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "model": (404, {"type": "invalid_request_error", "code": "model_not_found", "param": None}),
    "format": (400, {"type": "invalid_request_error", "code": "invalid_value", "param": "response_format"}),
    "limit": (429, {"type": "requests", "code": "rate_limit_exceeded", "param": None}),
    "quota": (429, {"type": "insufficient_quota", "code": "insufficient_quota", "param": None}),
    "overload": (503, {"type": "server_error", "code": "overloaded", "param": None}),
}
_WAITS = {"seconds": (429, "7"), "overload": (503, "11"), "date": (429, "Wed, 21 Oct 2099 07:28:00 GMT")}
# As OpenAI names them; the numbers are the gateway's own business where it has limits of its own.
_LIMITS = {
    "x-ratelimit-limit-requests": "2500",
    "x-ratelimit-remaining-requests": "2411",
    "x-ratelimit-reset-requests": "24ms",
}


def failing(case: Case, route: str, act: dict[str, Any]) -> Exchange:
    """A request whose provider answers with an error. Raises Blocked where no call met it."""
    with case.provider.scripted(match_of(case, route), act):
        exchange = ask(case, route, limited=True)
    if not any(call.script for call in case.calls()):
        raise Blocked("the provider's scripted error was met by no call of this case", exchange)
    return exchange


@each("route, status", product(OPERATIONS, _STATUSES), "transparency.{route}.status")
def test_an_error_keeps_its_class(case: Case, route: str, status: int) -> None:
    exchange = failing(case, route, {"status": status})
    case.judge(status_of_class(exchange, status, because=f"{route} with a provider that answers {status}"))


@each("route, kind", product(OPERATIONS, _ERRORS), "transparency.{route}.error")
def test_an_error_keeps_its_names(case: Case, route: str, kind: str) -> None:
    status, error = _ERRORS[kind]
    act = {"status": status, "body": {"json": {"error": {**error, "message": "Scripted."}}}}
    because = f"{route} with a provider's error of {error['code']}"
    case.judge(error_named(failing(case, route, act), case.contract.names.error, error, because=because))


@each("route, kind", product(OPERATIONS, _WAITS), "transparency.{route}.retry-after")
def test_an_error_keeps_its_retry_after(case: Case, route: str, kind: str) -> None:
    status, value = _WAITS[kind]
    exchange = failing(case, route, {"status": status, "headers": {"Retry-After": value}})
    because = f"{route} with a provider that answers {status}"
    case.judge(keeps_retry_after(exchange, value, time.time(), because=because))


@each("route", OPERATIONS, "transparency.{route}.request-id")
@pytest.mark.parametrize("status", [200, 400])
def test_the_providers_request_id_is_there(case: Case, route: str, status: int) -> None:
    request_id = f"req_provider_{case.marker}"
    exchange = failing(
        case, route, {"headers": {"x-request-id": request_id}} | ({"status": status} if status != 200 else {})
    )
    because = f"{route} that the provider answers {status}"
    case.judge(carries_in_a_header(exchange, request_id, "the provider's request id", because=because))


@each("route", TRANSCRIPT_OPERATIONS, "transparency.{route}.body")
@pytest.mark.parametrize("wanted", ["json", "verbose_json"])
@pytest.mark.parametrize("source", ["ordinary", "further-members"])
def test_a_transcript_has_all_that_the_provider_sent(case: Case, route: str, wanted: str, source: str) -> None:
    upload = case.upload(2.0)
    document: dict[str, Any] = {
        "text": "All of it.",
        "languages": [{"code": "en"}],
        "x_of_the_provider": {"kept": [1, 2.5, None, "ö"]},
    }
    document |= {"language": "english", "duration": 2.0, "segments": [], "words": []} if wanted != "json" else {}
    act = json_response(document) if source != "ordinary" else {}
    with scripted_response(case, route, upload, act):
        exchange = case.succeeded(ask(case, route, upload=upload, response_format=wanted))
    because = f"{route} in {wanted} ({source})"
    case.judge(has_every_member(exchange, case.call(exchange, upload), because=because))


@each("route", OPERATIONS, "transparency.{route}.rate-headers")
def test_what_is_left_of_the_providers_limit_is_told(case: Case, route: str) -> None:
    """The provider's numbers, or the gateway's own."""
    exchange = case.succeeded(failing(case, route, {"headers": _LIMITS}))
    case.judge(has_headers_like(exchange, _LIMITS, because=route))

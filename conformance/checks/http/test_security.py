"""What errors must not tell: stack traces, the server's files, a provider's key."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, marker_in_text
from conformance.errors import NotVerified
from conformance.http.exchange import Exchange
from conformance.judge.client.disclosure import no_provider_key, no_server_path, no_stack_trace
from conformance.mock.calls import Call

_EVERY_FAULT = pytest.mark.parametrize("fault", FAULTS)


def _provoke(case: Case, fault: str, route: str, form: str) -> Exchange:
    return case.send(FAULTS[fault](case, route, form))


@_EVERY_FAULT
@each("route, form", OPERATIONS_AND_ENCODINGS, "security.stack-trace")
def test_an_error_shows_no_stack_trace(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(no_stack_trace(_provoke(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@_EVERY_FAULT
@each("route, form", OPERATIONS_AND_ENCODINGS, "security.server-path")
def test_an_error_shows_no_path_of_the_server(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(no_server_path(_provoke(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@_EVERY_FAULT
@each("route, form", OPERATIONS_AND_ENCODINGS, "security.provider-key")
def test_an_error_shows_no_provider_key(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(no_provider_key(_provoke(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@each("route, form", OPERATIONS_AND_ENCODINGS, "security.provider-key-repeated")
def test_a_key_that_the_provider_repeats_goes_no_further(case: Case, route: str, form: str) -> None:
    """Providers name the key that they refuse; a gateway that passes their message on gives it away."""
    keys = keys_of(case.call(ask(case, route, form)), case.target.token)
    if not keys:
        raise NotVerified("give the gateway a provider's key of eight characters or more: shorter ones prove nothing")
    told = {"error": {"message": f"Incorrect API key provided: {' '.join(keys)}.", "type": "invalid_request_error"}}
    refused = case.example()
    match = {"marker": refused.marker}
    with case.provider.scripted(match, {"status": 401, "body": {"json": told}}):
        exchange = ask(refused, route, form, **marker_in_text(refused, route))
    case.judge(no_provider_key(exchange, keys, because=f"{route} ({form}) with a provider that repeats its key"))


def keys_of(call: Call, client_token: str) -> tuple[str, ...]:
    """The credentials that the gateway showed the provider; the client's own token is no provider's key."""
    values = [value for name, value in call["headers"] if name.lower() in {"authorization", "api-key", "x-api-key"}]
    keys = [value.split(" ", 1)[-1].strip() for value in values]
    return tuple(key for key in keys if len(key) >= 8 and key != client_token)

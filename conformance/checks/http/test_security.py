"""What errors must not disclose: stack traces, the server's files, a provider's key."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS, provoked
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, marker_in_text
from conformance.errors import NotVerified
from conformance.judge.client.disclosure import no_provider_key, no_server_path, no_stack_trace
from conformance.judge.upstream.secrets import key_withheld, provider_keys

_EVERY_FAULT = pytest.mark.parametrize("fault", FAULTS)


@_EVERY_FAULT
@each("route, form", OPERATIONS_AND_ENCODINGS, "security.stack-trace")
def test_an_error_shows_no_stack_trace(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(no_stack_trace(provoked(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@_EVERY_FAULT
@each("route, form", OPERATIONS_AND_ENCODINGS, "security.server-path")
def test_an_error_shows_no_path_of_the_server(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(no_server_path(provoked(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@_EVERY_FAULT
@each("route, form", OPERATIONS_AND_ENCODINGS, "security.provider-key")
def test_an_error_shows_no_provider_key(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(no_provider_key(provoked(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@each("route, form", OPERATIONS_AND_ENCODINGS, "security.provider-key-repeated")
def test_a_key_that_the_provider_repeats_goes_no_further(case: Case, route: str, form: str) -> None:
    """Providers name the key that they refuse; a gateway that passes their message on gives it away."""
    keys = provider_keys([case.call(ask(case, route, form))], case.target.token)
    if not keys:
        raise NotVerified("give the gateway a provider's key of eight characters or more: shorter ones prove nothing")
    error = {"error": {"message": f"Incorrect API key provided: {' '.join(keys)}.", "type": "invalid_request_error"}}
    refused = case.example()
    match = {"marker": refused.marker}
    with case.provider.scripted(match, {"status": 401, "body": {"json": error}}):
        exchange = ask(refused, route, form, **marker_in_text(refused, route))
    because = f"{route} ({form}) with a provider that repeats its key"
    case.judge(key_withheld(exchange, keys, because=because) or no_provider_key(exchange, because=because))

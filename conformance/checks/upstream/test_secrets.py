"""Secrets: neither the client's token nor the provider's key ever crosses over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from conformance.drive.calls import ask_marked, marked_request, seen
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS
from conformance.drive.scripts import match_of
from conformance.errors import Blocked, NotVerified
from conformance.http.bodies import json_body
from conformance.http.exchange import Exchange
from conformance.judge.upstream.secrets import key_withheld, provider_keys, token_withheld

_ECHOING = (400, 401, 403, 429, 500)


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.{route}.token")
def test_the_token_does_not_reach_the_provider(case: Case, route: str, form: str) -> None:
    exchange = ask_marked(case, route, form)
    case.judge(token_withheld(exchange, seen(case, exchange), case.target.token))


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.azure-{route}.token")
def test_the_token_does_not_reach_azure(case: Case, route: str, form: str) -> None:
    exchange = ask_marked(case, route, form, face="azure")
    case.judge(token_withheld(exchange, seen(case, exchange), case.target.token))


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.{route}.token-repeated")
@pytest.mark.parametrize("header", ["api-key", "X-Api-Key", "X-Auth-Token", "Cookie"])
def test_a_token_in_other_headers_does_not_reach_the_provider(case: Case, route: str, form: str, header: str) -> None:
    """Clients that speak to several kinds of server say their token in several ways."""
    token = case.target.token
    request = marked_request(case, route, form)
    value = f"token={token}" if header == "Cookie" else token
    exchange = case.send(replace(request, headers=(*request.headers, (header, value))))
    case.judge(token_withheld(exchange, seen(case, exchange), token))


def _keys(case: Case, route: str, form: str, face: str) -> tuple[Exchange, tuple[str, ...]]:
    """A valid exchange and the credentials that the provider was shown for it."""
    exchange = ask_marked(case, route, form, face=face)
    keys = provider_keys(seen(case, exchange), case.target.token)
    if not keys:
        raise NotVerified("give the gateway a provider's key of eight characters or more: shorter ones prove nothing")
    return exchange, keys


def _withheld(case: Case, route: str, form: str, face: str) -> None:
    exchange, keys = _keys(case, route, form, face)
    wrong = case.send(case.request(route, json_body({})))
    what = f"{route} ({form})"
    case.judge(
        key_withheld(exchange, keys, because=f"{what}, a valid request"),
        key_withheld(wrong, keys, because=f"{what}, an empty request"),
    )


def _echoed(case: Case, route: str, form: str, face: str, status: int) -> None:
    _, keys = _keys(case, route, form, face)
    refused = case.example()
    with case.provider.scripted(match_of(refused, route), _echo(status, keys)):
        exchange = refused.send(marked_request(refused, route, form, face=face), limited=True)
    calls = refused.calls()
    if not calls:
        raise Blocked("the provider saw no call of this case, so it could repeat no key", exchange)
    because = f"{route} ({form}) with a provider that answers {status}"
    case.judge(key_withheld(exchange, keys, because=because, calls=calls))


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.{route}.key")
def test_the_providers_key_is_in_no_ordinary_answer(case: Case, route: str, form: str) -> None:
    _withheld(case, route, form, "openai")


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.azure-{route}.key")
def test_azures_key_is_in_no_ordinary_answer(case: Case, route: str, form: str) -> None:
    _withheld(case, route, form, "azure")


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.{route}.key-echoed")
@pytest.mark.parametrize("status", _ECHOING)
def test_a_key_that_the_provider_repeats_goes_no_further(case: Case, route: str, form: str, status: int) -> None:
    """Providers name the key that they refuse; a gateway that passes their message on gives it away."""
    _echoed(case, route, form, "openai", status)


@each("route, form", OPERATIONS_AND_ENCODINGS, "secrets.azure-{route}.key-echoed")
@pytest.mark.parametrize("status", [400, 401])
def test_a_key_that_azure_repeats_goes_no_further(case: Case, route: str, form: str, status: int) -> None:
    _echoed(case, route, form, "azure", status)


def _echo(status: int, keys: tuple[str, ...]) -> dict[str, Any]:
    """The provider's error with its key wherever an error body has room for text."""
    message = f"Incorrect API key provided: {' '.join(keys)}."
    return {"status": status, "body": {"json": {"error": dict.fromkeys(("message", "type", "param", "code"), message)}}}

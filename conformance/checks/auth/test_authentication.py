"""Authentication: every route asks for the bearer token, in both request forms, and refuses anything else."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.relayed import seen_by_a_provider_of_keys
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, valid_request, with_header
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Request
from conformance.judge.client.statuses import status_is


def with_authorization(request: Request, value: str | None) -> Request:
    """The request with another Authorization header, or with none."""
    return with_header(request, "Authorization", value)


def unwelcome(case: Case, request: Request, because: str) -> None:
    """Judges that a request is refused for its key, by the gateway or by the provider that it relays keys to."""
    exchange = case.send(request)
    finding = case.answered(exchange, "invalid-token", because=because)
    if finding:
        seen_by_a_provider_of_keys(case, exchange)
    case.judge(finding)


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.missing")
def test_no_authorization_header_is_refused(case: Case, route: str, form: str) -> None:
    unwelcome(
        case,
        with_authorization(valid_request(case, route, form), None),
        f"{route} ({form}) without an Authorization header",
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.other-header")
@pytest.mark.parametrize("name", ["X-Api-Key", "Api-Key"])
def test_a_token_in_another_header_is_refused(case: Case, route: str, form: str, name: str) -> None:
    request = with_authorization(valid_request(case, route, form), None)
    request = with_header(request, name, case.target.token)
    unwelcome(case, request, f"{route} ({form}) with the token in {name} only")


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.unknown-token")
def test_an_unknown_token_is_refused(case: Case, route: str, form: str) -> None:
    exchange = case.send(with_authorization(valid_request(case, route, form), "Bearer cpeer_no_such_token"))
    case.judge(
        status_is(exchange, case.contract.statuses("invalid-token"), because=f"{route} ({form}) with an unknown token")
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.other-scheme")
@pytest.mark.parametrize("scheme", ["Basic", "Token", "Bearers"])
def test_another_scheme_is_refused(case: Case, route: str, form: str, scheme: str) -> None:
    request = with_authorization(valid_request(case, route, form), f"{scheme} {case.target.token}")
    unwelcome(case, request, f"{route} ({form}) with the token under the scheme {scheme}")


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.other-scheme")
@pytest.mark.parametrize("credentials", ["{}:", ":{}", "user:{}"])
def test_the_token_as_a_password_is_refused(case: Case, route: str, form: str, credentials: str) -> None:
    basic = base64.b64encode(credentials.format(case.target.token).encode()).decode()
    request = with_authorization(valid_request(case, route, form), f"Basic {basic}")
    unwelcome(case, request, f"{route} ({form}) with the token in Basic credentials")


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.empty-token")
def test_an_empty_token_is_refused(case: Case, route: str, form: str) -> None:
    request = with_authorization(valid_request(case, route, form), "Bearer")
    unwelcome(case, request, f"{route} ({form}) with nothing after Bearer")


@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
@decides("authentication.scheme-case")
def test_the_scheme_is_accepted_in_any_case(case: Case, scheme: str) -> None:
    request = with_authorization(valid_request(case, "speech", "json"), f"{scheme} {case.target.token}")
    case.judge(
        status_is(
            case.send(request), case.contract.statuses("served"), because=f"a valid token under the scheme {scheme}"
        )
    )


def _one_character_changed(token: str) -> str:
    middle = len(token) // 2
    return f"{token[:middle]}{'a' if token[middle] != 'a' else 'b'}{token[middle + 1 :]}"


# Tokens that a careless comparison takes for the valid one: by prefix, by length, without regard to letter case.
NEAR_MISSES: dict[str, Callable[[str], str]] = {
    "first-character-changed": lambda token: f"{'x' if token[0] != 'x' else 'y'}{token[1:]}",
    "middle-character-changed": _one_character_changed,
    "last-character-changed": lambda token: f"{token[:-1]}{'0' if token[-1] != '0' else '1'}",
    "character-appended": lambda token: f"{token}0",
    "character-missing": lambda token: token[:-1],
    "letter-case-swapped": str.swapcase,
    "twice": lambda token: token + token,
}


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.near-miss-token")
@pytest.mark.parametrize("kind", NEAR_MISSES)
def test_a_token_close_to_a_valid_one_is_refused(case: Case, route: str, form: str, kind: str) -> None:
    token = NEAR_MISSES[kind](case.target.token)
    if not token:
        raise NotVerified("declare a token of two characters and more: of a shorter one, none can be left out")
    if token == case.target.token:
        raise NotVerified("declare a token with letters in it: without any, its letter case cannot be changed")
    exchange = case.send(with_authorization(valid_request(case, route, form), f"Bearer {token}"))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("invalid-token"),
            because=f"{route} ({form}) with an almost valid token ({kind})",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.query-string")
@pytest.mark.parametrize("name", ["token", "access_token", "api_key"])
def test_a_token_in_the_query_string_is_refused(case: Case, route: str, form: str, name: str) -> None:
    request = with_authorization(valid_request(case, route, form), None)
    request = replace(request, url=f"{request.url}?{name}={quote(case.target.token)}")
    unwelcome(case, request, f"{route} ({form}) with the token in the query string only")


# Who may not; `None` sends no Authorization header at all.
_UNWELCOME: dict[str, Callable[[str], str | None]] = {
    "missing": lambda _: None,
    "unknown-token": lambda _: "Bearer cpeer_no_such_token",
    "other-scheme": lambda token: f"Basic {NEAR_MISSES['last-character-changed'](token)}",
    "empty-token": lambda _: "Bearer",
    "near-miss-token": lambda token: f"Bearer {NEAR_MISSES['character-appended'](token)}",
}


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.warm")
def test_who_may_not_is_refused_what_was_just_served(case: Case, route: str, form: str) -> None:
    """The same bytes: no cache may answer before the token was looked at."""
    request = valid_request(case, route, form)
    case.succeeded(case.send(request))
    for who, value in _UNWELCOME.items():
        exchange = case.send(with_authorization(request, value(case.target.token)))
        because = f"{route} ({form}), the same that a valid token was just served ({who})"
        case.judge(case.answered(exchange, "invalid-token", because=because))


# Some servers refuse such header values before the gateway sees them, so only a client's fault can be asked for.
ODD_TOKENS = {
    "non-ascii": "cpeer_t\u00f6ken\u20ac",
    "not-utf-8": "cpeer_\udcff\udcfe",
    "very-long": f"cpeer_{'a' * 4000}",
}


@each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.odd-token")
@pytest.mark.parametrize("kind", ODD_TOKENS)
def test_an_odd_token_is_the_clients_fault(case: Case, route: str, form: str, kind: str) -> None:
    exchange = case.send(with_authorization(valid_request(case, route, form), f"Bearer {ODD_TOKENS[kind]}"))
    if exchange.answer is None:
        raise Blocked("the header did not get through to the gateway", exchange)
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("odd-token"),
            because=f"{route} ({form}) with an unknown, odd token ({kind})",
        )
    )

"""Routing: the provider's own model, the operation that was asked for, and keys told apart."""

from __future__ import annotations

from conformance.case import OPERATIONS, ROUTES, Case
from conformance.exchange import Exchange
from conformance.judge.routing import provider_reached, reached_model, reached_operation
from conformance.provider import Call
from conformance.suite.hops import ROUTES_AND_FORMS, ask, expected_of, model_key, seen
from conformance.suite.marks import each


def _routed(case: Case, route: str, form: str, key: str) -> tuple[Exchange, list[Call]]:
    """A request and its calls. Where it was served without any, a sibling tells whether the mock is behind at all."""
    exchange = ask(case, route, form, model=key)
    calls = case.calls()
    if not calls:
        sibling = case.example()
        other = "transcriptions" if route == "speech" else "speech"
        ask(sibling, other, "json")
        case.judge(provider_reached(exchange, calls, sibling.calls()))
    return exchange, seen(case, exchange)


@each("route, form", ROUTES_AND_FORMS, "routing.{route}.model")
def test_the_key_is_called_by_the_providers_name(case: Case, route: str, form: str) -> None:
    key = model_key(case, route)
    model = expected_of(case.target.expect.upstream_models, key, "expect.upstream_models")
    exchange, calls = _routed(case, route, form, key)
    case.judge(reached_model(exchange, calls, model))


@each("route, form", ROUTES_AND_FORMS, "routing.{route}.operation")
def test_the_operation_is_the_routes(case: Case, route: str, form: str) -> None:
    exchange = ask(case, route, form)
    case.judge(reached_operation(exchange, seen(case, exchange), OPERATIONS[route]))


@each("route", ROUTES, "routing.{route}.second-model")
def test_two_keys_are_routed_apart(case: Case, route: str) -> None:
    """The second key first, then the first, then the second again: whatever is remembered must not stick."""
    models = case.target.models
    first, second = (models.speech if route == "speech" else models.transcription)[:2]
    for key in (second, first, second):
        model = expected_of(case.target.expect.upstream_models, key, "expect.upstream_models")
        this = case.example()
        exchange, calls = _routed(this, route, "json", key)
        case.judge(reached_model(exchange, calls, model))

"""Routing: the provider's own model, the operation that was asked for, and keys told apart."""

from __future__ import annotations

from conformance.drive.calls import ask_marked, asked_anew, expected_of, routed, seen
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS, TRANSCRIPT_ENCODINGS, model_key
from conformance.judge.upstream.calls import called
from conformance.judge.upstream.routing import reached_model, reached_operation


@each("route, form", OPERATIONS_AND_ENCODINGS, "routing.{route}.model")
def test_the_key_is_called_by_the_providers_name(case: Case, route: str, form: str) -> None:
    key = model_key(case, route)
    model = expected_of(case.target.expect.upstream_models, key, "expect.upstream_models")
    exchange, calls = routed(case, route, form, key)
    case.judge(reached_model(exchange, calls, model))


@each("route, form", OPERATIONS_AND_ENCODINGS, "routing.{route}.operation")
def test_the_operation_is_the_routes(case: Case, route: str, form: str) -> None:
    exchange = ask_marked(case, route, form)
    case.judge(reached_operation(exchange, seen(case, exchange), case.contract.operations[route].operation))


@each("form", TRANSCRIPT_ENCODINGS, "routing.translations.operation")
def test_a_recording_that_was_transcribed_is_translated_by_a_call_of_its_own(case: Case, form: str) -> None:
    case.succeeded(ask_marked(case, "transcriptions", form))
    exchange, calls = asked_anew(case, "translations", form)
    because = f"translations ({form}) of what was transcribed before"
    case.judge(
        called(exchange, calls, because=because),
        reached_operation(exchange, calls, case.contract.operations["translations"].operation),
    )


@each("route", OPERATIONS, "routing.{route}.second-model")
def test_two_keys_are_asked_the_same_and_routed_apart(case: Case, route: str) -> None:
    """What one model made of a text or a recording is no answer of the other's."""
    for key in case.model_keys(case.contract.operations[route].capability)[:2]:
        model = expected_of(case.target.expect.upstream_models, key, "expect.upstream_models")
        exchange, calls = asked_anew(case, route, case.contract.operations[route].other_encoding, model=key)
        because = f"{route} of {key}, asked the same as another model"
        case.judge(called(exchange, calls, because=because), reached_model(exchange, calls, model))


@each("route", OPERATIONS, "routing.{route}.second-model")
def test_two_keys_are_routed_apart(case: Case, route: str) -> None:
    """The second key first, then the first, then the second again: whatever is remembered must not stick."""
    first, second = case.model_keys(case.contract.operations[route].capability)[:2]
    for key in (second, first, second):
        model = expected_of(case.target.expect.upstream_models, key, "expect.upstream_models")
        this = case.example()
        exchange, calls = routed(this, route, case.contract.operations[route].other_encoding, key)
        case.judge(reached_model(exchange, calls, model))

"""Errors: the envelope, the request id, and model keys that the gateway does not serve on the route."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS, provoked
from conformance.drive.marks import decides, each
from conformance.drive.relayed import seen_by_a_provider_of_keys
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, model_key, valid_request, with_model, without_content
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Exchange
from conformance.judge.client.errors import enveloped, has_error_object
from conformance.judge.client.headers import header_of, ids_unique, request_id_present
from conformance.judge.client.statuses import status_is

# What a gateway that has keys of its own surely finds itself.
_OBJECTS = [
    (fault, *pair) for fault, pair in product(("no-token", "missing-field", "unknown-model"), OPERATIONS_AND_ENCODINGS)
]


def provoke(case: Case, fault: str, route: str, form: str) -> Exchange:
    """The error that a fault leads to. Raises Blocked where the gateway answers none: another check judges that."""
    exchange = refused(provoked(case, fault, route, form), f"{route} ({form}) with {fault}")
    return seen_by_a_provider_of_keys(case, exchange) if fault == "no-token" else exchange


def refused(exchange: Exchange, what: str) -> Exchange:
    if not exchange.is_error:
        raise Blocked(f"{what} is no error here: {exchange.got}", exchange)
    return exchange


@each(
    "fault, route, form",
    [(fault, *pair) for fault, pair in product(FAULTS, OPERATIONS_AND_ENCODINGS)],
    "errors.envelope.{fault}",
)
def test_an_error_is_json_with_a_message(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(
        enveloped(
            provoke(case, fault, route, form), case.contract.names.error, because=f"{route} ({form}) with {fault}"
        )
    )


@decides("errors.envelope.missing-field")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_the_error_for_missing_content_is_json_with_a_message(case: Case, route: str, form: str) -> None:
    what = f"{route} ({form}) without {case.contract.operations[route].content_field}"
    exchange = refused(case.send(without_content(case, route, form)), what)
    case.judge(enveloped(exchange, case.contract.names.error, because=what))


@decides("errors.request-id.present")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_has_a_request_id(case: Case, fault: str, route: str, form: str) -> None:
    exchange = provoke(case, fault, route, form)
    case.judge(
        request_id_present(exchange, case.contract.names.request_id_header, because=f"{route} ({form}) with {fault}")
    )


@decides("errors.request-id.unique")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_no_two_errors_share_a_request_id(case: Case, route: str, form: str) -> None:
    faults = ("unknown-token", "missing-field", "missing-field", "unknown-model", "unreadable-body")
    exchanges = [case.send(FAULTS[fault](case, route, form)) for fault in faults]
    name = case.contract.names.request_id_header
    ids = [header_of(exchange, name) for exchange in exchanges]
    case.judge(ids_unique(exchanges, ids, f"{name} of errors of {route} ({form})"))


# A key that begins like a known one must not do for it; whether one that ends like it does is not judged.
_UNKNOWN_KEYS = {"nonsense": "{marker}", "longer": "{key}-{marker}"}


def _ask_unknown(case: Case, route: str, form: str, kind: str) -> Exchange:
    key = model_key(case, route)
    return case.send(with_model(case, route, form, _UNKNOWN_KEYS[kind].format(marker=case.marker, key=key)))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.unknown-model")
@pytest.mark.parametrize("kind", _UNKNOWN_KEYS)
def test_an_unknown_model_is_the_clients_fault(case: Case, route: str, form: str, kind: str) -> None:
    exchange = _ask_unknown(case, route, form, kind)
    case.judge(
        status_is(exchange, case.contract.statuses("unknown-model"), because=f"{route} ({form}) with an unknown model")
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.unknown-model-status")
def test_an_unknown_model_has_the_preferred_status(case: Case, route: str, form: str) -> None:
    exchange = _ask_unknown(case, route, form, "nonsense")
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unknown-model-preferred"),
            because=f"{route} ({form}) with an unknown model",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.unknown-model-warm")
def test_an_unknown_model_is_refused_the_content_that_another_was_just_served(
    case: Case, route: str, form: str
) -> None:
    case.succeeded(case.send(valid_request(case, route, form)))
    exchange = _ask_unknown(case, route, form, "nonsense")
    because = f"{route} ({form}) with an unknown model, for the content that another was just served"
    case.judge(case.answered(exchange, "unknown-model", because=because))


def _ask_other_capability(case: Case, route: str, form: str) -> Exchange:
    models = case.target.models
    if set(models.speech) & set(models.transcription):
        raise NotVerified("declare keys under models that serve one capability only: a key stands under both")
    serves_speech = case.contract.operations[route].capability == "speech"
    other = case.transcription_model if serves_speech else case.speech_model
    return case.send(with_model(case, route, form, other))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.other-capability")
def test_a_key_of_the_other_capability_is_the_clients_fault(case: Case, route: str, form: str) -> None:
    exchange = _ask_other_capability(case, route, form)
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("other-capability"),
            because=f"{route} ({form}) with a key that serves the other capability",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.other-capability-warm")
def test_a_key_of_the_other_capability_is_refused_the_content_that_another_was_just_served(
    case: Case, route: str, form: str
) -> None:
    case.succeeded(case.send(valid_request(case, route, form)))
    exchange = _ask_other_capability(case, route, form)
    because = (
        f"{route} ({form}) with a key that serves the other capability, for the content that another was just served"
    )
    case.judge(case.answered(exchange, "other-capability", because=because))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.other-capability-status")
def test_a_key_of_the_other_capability_has_the_preferred_status(case: Case, route: str, form: str) -> None:
    exchange = _ask_other_capability(case, route, form)
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("other-capability-preferred"),
            because=f"{route} ({form}) with a key that serves the other capability",
        )
    )


@each("fault, route, form", _OBJECTS, "errors.object.{fault}")
def test_an_error_has_all_members_of_the_dialects(case: Case, fault: str, route: str, form: str) -> None:
    exchange = provoke(case, fault, route, form)
    case.judge(has_error_object(exchange, case.contract.names.error, because=f"{route} ({form}) with {fault}"))

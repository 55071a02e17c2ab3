"""Errors: the envelope, the request id, and model keys that the gateway does not serve on the route."""

from __future__ import annotations

from itertools import product

import pytest

from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, model_key, with_model, without_content
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Exchange
from conformance.judge.client.errors import enveloped, has_request_id, ids_unique, request_id_of
from conformance.judge.client.statuses import client_error, status_is


def provoke(case: Case, fault: str, route: str, form: str) -> Exchange:
    """The error that a fault leads to. Raises Blocked where the gateway sees none: another check says so."""
    return refused(case.send(FAULTS[fault](case, route, form)), f"{route} ({form}) with {fault}")


def refused(exchange: Exchange, what: str) -> Exchange:
    if exchange.status is None or exchange.status < 400:
        raise Blocked(f"{what} is no error here: {exchange.got}", exchange)
    return exchange


@each(
    "fault, route, form",
    [(fault, *pair) for fault, pair in product(FAULTS, OPERATIONS_AND_ENCODINGS)],
    "errors.envelope.{fault}",
)
def test_an_error_is_json_with_a_message(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(enveloped(provoke(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@decides("errors.envelope.missing-field")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_the_error_for_missing_content_is_json_with_a_message(case: Case, route: str, form: str) -> None:
    what = f"{route} ({form}) without {'input' if route == 'speech' else 'audio'}"
    case.judge(enveloped(refused(case.send(without_content(case, route, form)), what), because=what))


@decides("errors.request-id.present")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
@pytest.mark.parametrize("fault", FAULTS)
def test_an_error_has_a_request_id(case: Case, fault: str, route: str, form: str) -> None:
    case.judge(has_request_id(provoke(case, fault, route, form), because=f"{route} ({form}) with {fault}"))


@decides("errors.request-id.unique")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_no_two_errors_share_a_request_id(case: Case, route: str, form: str) -> None:
    faults = ("unknown-token", "missing-field", "missing-field", "unknown-model", "unreadable-body")
    exchanges = [case.send(FAULTS[fault](case, route, form)) for fault in faults]
    case.judge(ids_unique(exchanges, map(request_id_of, exchanges), because=f"errors of {route} ({form})"))


# A key that begins like a known one must not do for it; whether one that ends like it does is not judged.
_UNKNOWN_KEYS = {"nonsense": "{marker}", "longer": "{key}-{marker}"}


def _ask_unknown(case: Case, route: str, form: str, kind: str) -> Exchange:
    key = model_key(case, route)
    return case.send(with_model(case, route, form, _UNKNOWN_KEYS[kind].format(marker=case.marker, key=key)))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.unknown-model")
@pytest.mark.parametrize("kind", _UNKNOWN_KEYS)
def test_an_unknown_model_is_the_clients_fault(case: Case, route: str, form: str, kind: str) -> None:
    case.judge(client_error(_ask_unknown(case, route, form, kind), because=f"{route} ({form}) with an unknown model"))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.unknown-model-status")
def test_an_unknown_model_is_400(case: Case, route: str, form: str) -> None:
    exchange = _ask_unknown(case, route, form, "nonsense")
    case.judge(status_is(exchange, 400, because=f"{route} ({form}) with an unknown model"))


def _ask_other_capability(case: Case, route: str, form: str) -> Exchange:
    models = case.target.models
    if set(models.speech) & set(models.transcription):
        raise NotVerified("declare keys under models that serve one capability only: a key stands under both")
    other = case.transcription_model if route == "speech" else case.speech_model
    return case.send(with_model(case, route, form, other))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.other-capability")
def test_a_key_of_the_other_capability_is_the_clients_fault(case: Case, route: str, form: str) -> None:
    exchange = _ask_other_capability(case, route, form)
    case.judge(client_error(exchange, because=f"{route} ({form}) with a key that serves the other capability"))


@each("route, form", OPERATIONS_AND_ENCODINGS, "errors.{route}.other-capability-status")
def test_a_key_of_the_other_capability_is_400(case: Case, route: str, form: str) -> None:
    exchange = _ask_other_capability(case, route, form)
    case.judge(status_is(exchange, 400, because=f"{route} ({form}) with a key that serves the other capability"))

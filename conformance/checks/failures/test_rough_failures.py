"""A provider that fails in any shape that HTTP allows, or redirects: an honest error, and nothing of it handed on."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS
from conformance.drive.rough import OFFERED, met, rough_request, said
from conformance.drive.scripts import match_of
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Exchange, WireExchange
from conformance.http.raw import converse
from conformance.judge.client.codings import visibly_cut
from conformance.judge.failures import failed, leads_to, not_relayed, refused
from conformance.mock.calls import RecordedCall
from conformance.samples.rough_provider import CUT_COMPRESSED, ERRORS, REDIRECTS, STATUSES_ELSEWHERE

_REDIRECTED = [(*pair, variant) for pair in OPERATIONS_AND_ENCODINGS for variant in REDIRECTS]


def _play(
    case: Case, route: str, form: str, act: dict[str, Any], **told: Any
) -> tuple[WireExchange, list[RecordedCall]]:
    """A valid request whose provider does what the script says, and its calls. Raises Blocked where it was not used."""
    with case.provider.scripted(match_of(case, route), act):
        result = converse(case.gateway, rough_request(case, route, form, **told), provoked=True)
    calls = met(case, result.exchange)
    if result.exchange.timed_out and case.target.timeout_s is None:
        raise NotVerified("declare timeout_s: by when the gateway must have answered", result.exchange)
    return result, calls


@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.rough-error")
@pytest.mark.parametrize("variant", ERRORS)
def test_an_error_in_a_legal_shape_is_an_error(case: Case, route: str, form: str, variant: str) -> None:
    act = ERRORS[variant]
    result, _ = _play(case, route, form, act)
    judged, situation = (failed, "provider-failure") if act["status"] == 500 else (refused, "provider-refusal")
    because = f"{route} ({form}) with a provider's error in an unusual shape ({variant})"
    case.judge(judged(result, case.contract.statuses(situation), because=because))


@each("route, form", OPERATIONS_AND_ENCODINGS, "failures.{route}.cut-compressed")
@pytest.mark.parametrize("offers", [None, OFFERED], ids=["plain-client", "client-takes-gzip"])
def test_a_compressed_body_that_ends_too_soon_is_no_success(
    case: Case, route: str, form: str, offers: str | None
) -> None:
    """Not judged where the gateway asks its provider for no compression: then nothing was compressed.

    A compressed body that is handed on as it came, to a client that takes such, breaks off visibly.
    """
    result, calls = _play(case, route, form, {**said(case, route), **CUT_COMPRESSED}, offers=offers)
    if calls[-1].response and calls[-1].response.content_encoding and not visibly_cut(result.exchange):
        because = f"{route} ({form}) with a provider's compressed body that ends too soon"
        case.judge(failed(result, case.contract.statuses("provider-failure"), because=because))


@each("route, form, variant", _REDIRECTED, "failures.{route}.redirect")
def test_a_redirect_is_not_handed_on(case: Case, route: str, form: str, variant: str) -> None:
    result, _ = _play(case, route, form, REDIRECTS[variant])
    _judge_redirect(case, route, result, same_origin=True, because=f"{route} ({form}) with a redirect ({variant})")


@each("route, form, status", [(*each, n) for each, n in product(OPERATIONS_AND_ENCODINGS, STATUSES_ELSEWHERE)],
      "failures.{route}.redirect")  # fmt: skip
def test_a_redirect_to_another_origin_is_not_followed(case: Case, route: str, form: str, status: int) -> None:
    """Nor is it handed on. The other origin is the mock under another name, where it has one."""
    _redirect_elsewhere(case, route, form, status, "openai")


@each("route, status", product(OPERATIONS, STATUSES_ELSEWHERE), "azure.{route}.redirect")
def test_a_redirect_of_azures_to_another_origin_is_not_followed(case: Case, route: str, status: int) -> None:
    """Clients that follow take a bearer token out of what they send elsewhere, but know nothing of an api-key."""
    _redirect_elsewhere(case, route, case.contract.operations[route].plain_encoding, status, "azure")


def _redirect_elsewhere(case: Case, route: str, form: str, status: int, face: str) -> None:
    act = {"redirect": {"status": status, "origin": _other_origin(case, route, form, face)}}
    result, _ = _play(case, route, form, act, face=face)
    because = f"{route} ({form}) with a redirect to another origin ({status}, face: {face})"
    _judge_redirect(case, route, result, same_origin=False, because=because)


def _judge_redirect(case: Case, route: str, result: WireExchange, *, same_origin: bool, because: str) -> None:
    exchange, allowed = (
        result.exchange,
        case.contract.statuses("provider-refusal" if same_origin else "provider-failure"),
    )
    relayed = not_relayed(exchange, because=because)
    if not relayed and same_origin and exchange.is_success:
        audio = case.contract.operations[route].gives_audio
        shape = None if audio else case.contract.transcript()
        case.judge(leads_to(exchange, case.calls(), shape, because=because))
    else:
        case.judge(relayed or failed(result, allowed, because=because))


def _other_origin(case: Case, route: str, form: str, face: str) -> str:
    """An origin that is not the one by which the gateway calls its provider. Raises Blocked where that is not seen."""
    earlier = case.example()
    exchange: Exchange = earlier.send(rough_request(earlier, route, form, face=face))
    host = dict(earlier.call(exchange).headers).get("host", "")
    name, _, port = host.rpartition(":")
    if not name:
        raise Blocked("the gateway's call names no host and port", exchange)
    return f"http://{'127.0.0.1' if name == 'localhost' else 'localhost'}:{port}"

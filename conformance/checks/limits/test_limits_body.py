"""Bodies around the gateway's own size limit: over it a 4xx and a connection in good order, under it no difference.

Sent by a client that listens while it sends: a gateway may answer before it has read the whole body, and close.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each, exclusive
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, TRANSCRIPTS, valid_body, valid_fields, valid_request
from conformance.errors import Blocked
from conformance.http.bodies import Body, json_body
from conformance.http.exchange import Exchange, Finding, Request
from conformance.http.kept import Asked, KeptConnection
from conformance.judge.client.errors import enveloped
from conformance.judge.client.statuses import client_error, status_is
from conformance.judge.limits import Aftermath, left_in_order
from conformance.judge.upstream.fields import not_called, upload_arrived
from conformance.samples.sizes import text_of, wav_of

_MIB = 2**20
_MB = 10**6
_SLACK = 64 * 1024
_MOST_MORE_MIB = 100
_ATTEMPTS = 3
_FRAMING = {"length": False, "chunked": True}


def _over(case: Case, how: str) -> int:
    """More bytes than the limit, whichever megabyte it is in."""
    limit = case.target.max_upload_mb or 0.0
    times = min(4 * limit, limit + _MOST_MORE_MIB)
    return int((limit if how == "just-over" else times) * _MIB) + _SLACK


def _request(case: Case, route: str, form: str, size: int, *, chunked: bool) -> Request:
    return replace(case.request(route, _body(case, route, form, size)), chunked=chunked)


def _body(case: Case, route: str, form: str, size: int) -> Body:
    operation = case.contract.operations[route]
    if operation.takes_text:
        return json_body(valid_fields(case, route, **{operation.content_field: text_of(size, case.marker)}))
    return valid_body(case, route, form, upload=wav_of(size, case.marker), prompt=case.marker)


def _ask(case: Case, request: Request) -> Asked:
    """The request on a connection of its own; tried again where no answer came, which a lost race may explain once."""
    for _ in range(_ATTEMPTS):
        case.gateway.wait_turn()
        try:
            with KeptConnection(case.gateway.base_url, case.gateway.timeout_s, case.gateway.observe) as connection:
                asked = connection.ask(request)
        except OSError as error:
            asked = Asked(Exchange(request, None, f"connection refused ({error})"))
        if asked.exchange.status == 429:
            case.gateway.wait_for_limit(asked.exchange)
        elif asked.exchange.answer is not None or asked.exchange.timed_out:
            return asked
    if asked.exchange.status == 429:
        raise Blocked("the gateway's own limit is in the way (429)", asked.exchange)
    return asked


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.body.{route}")
@pytest.mark.parametrize("framing", _FRAMING)
@pytest.mark.parametrize("how", ["just-over", "far-over"])
def test_a_body_over_the_limit_is_refused(case: Case, route: str, form: str, framing: str, how: str) -> None:
    request = _request(case, route, form, _over(case, how), chunked=_FRAMING[framing])
    exchange = _ask(case, request).exchange
    because = f"{route} ({form}, {framing}): a body over the limit ({how})"
    calls = case.provider.calls(marker=case.marker) if case.mock else []
    case.judge(client_error(exchange, because=because) or not_called(exchange, calls, because=because))


@exclusive
@decides("errors.envelope.body-size")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_the_error_for_a_body_over_the_limit_is_json_with_a_message(case: Case, route: str, form: str) -> None:
    exchange = _ask(case, _request(case, route, form, _over(case, "just-over"), chunked=False)).exchange
    if exchange.status is None or exchange.status < 400:
        raise Blocked(f"a body over the limit is no error here: {exchange.got}", exchange)
    case.judge(enveloped(exchange, because=f"{route} ({form}) with a body over the limit"))


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.body.{route}-connection")
@pytest.mark.parametrize("framing", _FRAMING)
def test_the_connection_is_left_in_order(case: Case, route: str, form: str, framing: str) -> None:
    """Twice before anybody is accused: the provider behind the following requests may fail once."""
    finding: Finding | None = None
    for _ in range(2):
        finding = left_in_order(_aftermath(case.example(), route, form, chunked=_FRAMING[framing]))
        if finding is None:
            return
    case.judge(finding)


def _aftermath(case: Case, route: str, form: str, *, chunked: bool) -> Aftermath:
    request = _request(case, route, form, _over(case, "just-over"), chunked=chunked)
    following: Exchange | None = None
    case.gateway.wait_turn()
    try:
        with KeptConnection(case.gateway.base_url, case.gateway.timeout_s, case.gateway.observe) as connection:
            asked = connection.ask(request)
            if asked.kept:
                following = connection.ask(valid_request(case, route, form)).exchange
    except OSError as error:
        raise Blocked(f"no connection can be made ({error})") from error
    if asked.exchange.answer is None:
        raise Blocked("a body over the limit got no answer; another check says so", asked.exchange)
    return Aftermath(asked.exchange, asked.stalled, following, case.send(valid_request(case, route, form)))


@exclusive
@each("route, form", TRANSCRIPTS, "limits.body.{route}-under")
@pytest.mark.parametrize("framing", _FRAMING)
def test_a_body_under_the_limit_is_served(case: Case, route: str, form: str, framing: str) -> None:
    """The provider is told to take it: what counts here is that the gateway does, whole."""
    most = int((case.target.max_upload_mb or 0.0) * _MB) - _SLACK
    # Base64 makes four bytes out of three, and the limit may be meant for the body.
    size = most if form == "multipart" else most * 3 // 4 - _SLACK
    request = _request(case, route, form, size, chunked=_FRAMING[framing])
    with case.provider.scripted({"marker": case.marker}, {"body": {"json": {"text": "taken"}}}):
        exchange = _ask(case, request).exchange
    upload = wav_of(size, case.marker)
    wrong = status_is(exchange, 200, because=f"{route} ({form}, {framing}): a body just under the limit")
    case.judge(wrong or upload_arrived(exchange, case.calls(upload), upload))

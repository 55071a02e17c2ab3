"""Bodies around the gateway's own size limit: above it a refusal and a usable or closed connection, below it no difference.

Sent by a client that listens while it sends: a gateway may answer before it has read the whole body, and close. They are
sent one at a time, beside what else is asked: a gateway may hold a body whole, and may take its time to close.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from conformance.drive.case import Case
from conformance.drive.locks import LargeBodies
from conformance.drive.marks import decides, each, early
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, TRANSCRIPTS, valid_body, valid_request
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding, Request
from conformance.http.kept import KeptConnection, KeptExchange
from conformance.judge.client.errors import enveloped
from conformance.judge.client.statuses import status_is
from conformance.judge.limits import Aftermath, left_in_order
from conformance.judge.upstream.calls import not_called
from conformance.judge.upstream.upload import upload_arrived
from conformance.samples.sizes import LongUpload, long_text, long_wav

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
    """A request whose body has `size` bytes and more, which is sent without being held whole."""
    if case.contract.operations[route].takes_text:
        request = long_text(valid_request(case, route), case.marker, size)
    else:
        request = _uploading(case, route, form, long_wav(size, case.marker))
    return replace(request, chunked=chunked)


def _uploading(case: Case, route: str, form: str, upload: LongUpload) -> Request:
    request = case.request(route, valid_body(case, route, form, upload=upload.beginning, prompt=case.marker))
    return upload.within(request)


@contextmanager
def _connection(case: Case) -> Iterator[KeptConnection]:
    """A connection of one's own, while nobody else sends such a body.

    Raises OSError where it cannot be made, and Blocked where the gateway was found gone or silent before it was one's turn.
    """
    with case.shared.get(LargeBodies).turn:
        case.gateway.wait_for_limits()
        with _kept_connection(case) as connection:
            yield connection


def _kept_connection(case: Case) -> KeptConnection:
    """Silence costs the run's budget for it: so many bodies that get no answer would take a quarter of an hour."""

    def note(exchange: Exchange) -> None:
        if exchange.timed_out:
            case.gateway.health.note(exchange)
        case.gateway.observe(exchange)

    return KeptConnection(case.gateway.endpoint, case.gateway.timeout_s, note)


def _ask(case: Case, request: Request) -> KeptExchange:
    """Send on a connection of its own; again where no answer came, which a lost race explains once or twice."""
    for _ in range(_ATTEMPTS):
        try:
            with _connection(case) as connection:
                result = connection.ask(request)
        except OSError as error:
            result = KeptExchange(Exchange(request, None, f"connection refused ({error})"))
        if result.exchange.over_limit:
            case.gateway.wait_for_limit(result.exchange)
        elif result.exchange.answer is not None or result.exchange.timed_out:
            return result
    if result.exchange.over_limit:
        raise Blocked("the gateway's own limit is in the way", result.exchange)
    return result


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.body.{route}")
@pytest.mark.parametrize("framing", _FRAMING)
@pytest.mark.parametrize("how", ["just-over", "far-over"])
def test_a_body_over_the_limit_is_refused(case: Case, route: str, form: str, framing: str, how: str) -> None:
    request = _request(case, route, form, _over(case, how), chunked=_FRAMING[framing])
    exchange = _ask(case, request).exchange
    because = f"{route} ({form}, {framing}): a body over the limit ({how})"
    calls = case.provider.calls(marker=case.marker) if case.mock else []
    wrong = status_is(exchange, case.contract.statuses("body-too-large"), because=because)
    case.judge(wrong or not_called(exchange, calls, because=because))


@early
@decides("errors.envelope.body-size")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_the_error_for_a_body_over_the_limit_is_json_with_a_message(case: Case, route: str, form: str) -> None:
    exchange = _ask(case, _request(case, route, form, _over(case, "just-over"), chunked=False)).exchange
    if not exchange.is_error:
        raise Blocked(f"a body over the limit is no error here: {exchange.got}", exchange)
    case.judge(enveloped(exchange, case.contract.names.error, because=f"{route} ({form}) with a body over the limit"))


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.body.{route}-connection")
@pytest.mark.parametrize("framing", _FRAMING)
def test_the_connection_is_left_in_order(case: Case, route: str, form: str, framing: str) -> None:
    """A second attempt decides: the provider behind the following requests may fail once."""
    finding: Finding | None = None
    for _ in range(2):
        finding = left_in_order(
            _aftermath(case.example(), route, form, chunked=_FRAMING[framing]),
            case.contract.statuses("served"),
            case.contract.statuses("limit"),
        )
        if finding is None:
            return
    case.judge(finding)


def _aftermath(case: Case, route: str, form: str, *, chunked: bool) -> Aftermath:
    request = _request(case, route, form, _over(case, "just-over"), chunked=chunked)
    following: Exchange | None = None
    # Nobody else's large body comes between, which might be what suffers for it.
    with case.shared.get(LargeBodies).turn:
        case.gateway.wait_for_limits()
        try:
            with _kept_connection(case) as connection:
                result = connection.ask(request)
                if result.kept:
                    following = connection.ask(valid_request(case, route, form)).exchange
        except OSError as error:
            raise Blocked(f"no connection can be made ({error})") from error
        if result.exchange.answer is None:
            raise Blocked("a body over the limit got no answer; another check judges that", result.exchange)
        return Aftermath(result.exchange, result.stalled, following, case.send(valid_request(case, route, form)))


@early
@each("route, form", TRANSCRIPTS, "limits.body.{route}-under")
@pytest.mark.parametrize("framing", _FRAMING)
def test_a_body_under_the_limit_is_served(case: Case, route: str, form: str, framing: str) -> None:
    """The provider is scripted to accept it: only whether the gateway forwards it whole is judged."""
    most = int((case.target.max_upload_mb or 0.0) * _MB) - _SLACK
    # Base64 makes four bytes out of three, and the limit may be meant for the body.
    size = most if form == "multipart" else most * 3 // 4 - _SLACK
    upload = long_wav(size, case.marker)
    request = replace(_uploading(case, route, form, upload), chunked=_FRAMING[framing])
    with case.provider.scripted({"marker": case.marker}, {"body": {"json": {"text": "taken"}}}):
        exchange = _ask(case, request).exchange
    wrong = status_is(
        exchange, case.contract.statuses("served"), because=f"{route} ({form}, {framing}): a body just under the limit"
    )
    case.judge(wrong or upload_arrived(exchange, case.calls(upload), upload))

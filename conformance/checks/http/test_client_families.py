"""What the HTTP libraries of client families add to a request: none of it changes what a POST means."""

from __future__ import annotations

from http import HTTPStatus

import pytest

from conformance.drive.case import Case
from conformance.drive.expecting import hold_back
from conformance.drive.marks import each
from conformance.drive.requests import (
    OMIT,
    OPERATIONS,
    OPERATIONS_AND_ENCODINGS,
    valid_request,
    with_header,
    with_model,
)
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding, Headers, Request
from conformance.http.kept import KeptConnection

_LONG_AGO, _LATER = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
# RFC 9110 gives them a meaning for other methods, or for a resource that has such a tag or date (13.1, 14.2).
PRECONDITIONS: dict[str, Headers] = {
    "none-match": (("If-None-Match", '"a1b2c3"'),),
    "none-match-weak": (("If-None-Match", 'W/"a1b2c3", "d4e5f6"'),),
    "modified-since": (("If-Modified-Since", _LATER),),
    "modified-since-long-ago": (("If-Modified-Since", _LONG_AGO),),
    "range": (("Range", "bytes=0-99"),),
    "range-suffix": (("Range", "bytes=-1"),),
    "range-of-a-tag": (("Range", "bytes=0-0"), ("If-Range", '"a1b2c3"')),
    "cached": (("If-None-Match", '"a1b2c3"'), ("If-Modified-Since", _LATER), ("Cache-Control", "max-age=0")),
}
# Wishes that a server may answer with 406, and had better disregard (RFC 9110, 12.4.1).
WISHES: dict[str, Headers] = {
    "html": (("Accept", "text/html"),),
    "image": (("Accept", "image/png;q=0.8"),),
    "other-audio": (("Accept", "audio/ogg"),),
    "nothing": (("Accept", ""),),
    "language": (("Accept-Language", "tlh, de-CH-1996;q=0.7"),),
    "charset": (("Accept-Charset", "iso-8859-1, utf-16;q=0.1"),),
    "encoding": (("Accept-Encoding", "gzip, deflate, br, zstd"),),
}
# What libraries say of the connection, and in which letters they name their headers.
CONNECTIONS: dict[str, Headers] = {
    "go": (("User-Agent", "Go-http-client/1.1"),),
    "node": (
        ("connection", "keep-alive"),
        ("accept-language", "*"),
        ("sec-fetch-mode", "cors"),
        ("user-agent", "node"),
    ),
    "dotnet": (("Connection", "Keep-Alive"),),
    "java-okhttp": (("Connection", "Keep-Alive"), ("User-Agent", "okhttp/4.12.0")),
    "java-httpclient": (
        ("Connection", "Upgrade, HTTP2-Settings"),
        ("Upgrade", "h2c"),
        ("HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"),
        ("User-Agent", "Java-http-client/17.0.15"),
    ),
    "perl": (("Connection", "TE, keep-alive"), ("TE", "deflate,gzip;q=0.3")),
    "trailers": (("Connection", "keep-alive, TE"), ("TE", "trailers")),
    "keep-alive-parameters": (("Connection", "keep-alive"), ("Keep-Alive", "timeout=5, max=1000")),
}


def _with(request: Request, headers: Headers) -> Request:
    for name, value in headers:
        request = with_header(request, name, value)
    return request


def _served(case: Case, exchange: Exchange, plain: Request, because: str) -> Finding | None:
    """Raises Blocked where the plain request, without what is judged, is not served either."""
    finding = case.answered(exchange, "served", because=because)
    if finding:
        case.succeeded(case.send(plain))
    return finding


@each("route", OPERATIONS, "http.{route}.preconditions")
@pytest.mark.parametrize("kind", PRECONDITIONS)
def test_conditions_and_ranges_do_not_concern_a_post(case: Case, route: str, kind: str) -> None:
    plain = valid_request(case, route)
    exchange = case.send(_with(plain, PRECONDITIONS[kind]))
    because = f"{route} with {', '.join(f'{name}: {value}' for name, value in PRECONDITIONS[kind])}"
    case.judge(_served(case, exchange, plain, because))


@each("route", OPERATIONS, "http.{route}.negotiation")
@pytest.mark.parametrize("kind", WISHES)
def test_a_wish_that_cannot_be_met_is_disregarded(case: Case, route: str, kind: str) -> None:
    plain = valid_request(case, route)
    exchange = case.send(_with(plain, WISHES[kind]))
    because = f"{route} with {', '.join(f'{name}: {value}' for name, value in WISHES[kind])}"
    case.judge(_served(case, exchange, plain, because))


@each("route, form", OPERATIONS_AND_ENCODINGS, "http.{route}.kept-connection")
@pytest.mark.parametrize("client", CONNECTIONS)
def test_a_connection_is_kept_as_clients_keep_it(case: Case, route: str, form: str, client: str) -> None:
    """Served, refused and served again on one connection, with the headers that the client's library sends."""
    requests = [
        _with(valid_request(case, route, form), CONNECTIONS[client]),
        _with(with_model(case, route, form, OMIT), CONNECTIONS[client]),
        _with(valid_request(case.example(), route, form), CONNECTIONS[client]),
    ]
    exchanges = _on_one_connection(case, requests)
    for number in (0, 2):
        if number < len(exchanges):
            because = f"{route} ({form}): request {number + 1} of a connection of {client}"
            case.judge(_served(case, exchanges[number], valid_request(case, route, form), because))


def _on_one_connection(case: Case, requests: list[Request]) -> list[Exchange]:
    """The exchanges up to the one after which the gateway closes, which it may at any time."""
    exchanges: list[Exchange] = []
    case.gateway.wait_for_limits()
    try:
        with KeptConnection(case.gateway.endpoint, case.gateway.timeout_s, case.gateway.observe) as connection:
            for request in requests:
                result = connection.ask(request)
                if result.exchange.over_limit:
                    raise Blocked("the gateway's own limit is in the way", result.exchange)
                if exchanges and result.exchange.answer is None and not result.exchange.timed_out:
                    break
                if result.exchange.status == HTTPStatus.SWITCHING_PROTOCOLS:
                    break  # taken at its word, and what follows is another protocol
                exchanges.append(result.exchange)
                if not result.kept:
                    break
                case.gateway.wait_for_limits()
    except OSError as error:
        raise Blocked(f"no connection can be made ({error})") from error
    return exchanges


@each("route, form", OPERATIONS_AND_ENCODINGS, "http.{route}.expect-continue")
def test_a_body_that_is_held_back_is_asked_for(case: Case, route: str, form: str) -> None:
    """With 100, or a final answer: 417 sends the client away to ask without, and any other must be that of the request."""
    plain = valid_request(case, route, form)
    held = hold_back(case, with_header(plain, "Expect", "100-continue"))
    because = f"{route} ({form}) with Expect: 100-continue and its body held back"
    silent = Finding(
        f"{because}: no answer to the head", "100 or a final answer at once", "none in 3 s", (held.exchange,)
    )
    if held.first == "nothing":
        case.succeeded(case.send(plain))
        case.judge(silent)
    if held.first == "final" and held.exchange.status == HTTPStatus.EXPECTATION_FAILED:
        return
    case.judge(_served(case, held.exchange, plain, because))

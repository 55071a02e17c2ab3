"""Streams on their way: events as they come, providers that break off or refuse, clients that leave."""

from __future__ import annotations

from itertools import product
from typing import Any

from conformance.checks.streams.test_streams import ROUTES
from conformance.drive.case import Case
from conformance.drive.marks import decides, each, exclusive, lasting
from conformance.drive.requests import ask, valid_request
from conformance.drive.scripted_streams import ERROR, interrupted
from conformance.drive.streams import (
    a_stream,
    held_after_first,
    judge_stream,
    left_after_first,
    stream_request,
    streamed,
)
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.statuses import status_is
from conformance.judge.client.streams import did_not_end, has_error_event, is_stream, no_end_after_error, read_events
from conformance.judge.failures import refused

_BREAKS: dict[str, dict[str, Any]] = {
    "reset": {"reset": "mid_body"},
    "cut": {"truncate": {"keep": 0.5}},
}
_REFUSALS = {"rate-limit": 429, "bad-request": 400, "overloaded": 503}


def _an_event(body: bytes) -> bool:
    return bool(read_events(body).all)


@each("route", ROUTES, "streams.{route}.flow")
def test_the_first_event_comes_before_the_provider_sends_the_second(case: Case, route: str) -> None:
    """The provider waits at a gate after its first event, until the client has it or has waited long enough."""
    because = f"a stream of {route} whose provider waits after its first event"
    reached, exchange = held_after_first(case, route, stream_request(case, route), _an_event, {})
    case.succeeded(exchange)
    judge_stream(case, route, None if reached else _held_back(exchange, because, "the first event"))


@decides("streams.speech.chunked-flow")
def test_the_first_audio_comes_before_the_provider_sends_more(case: Case) -> None:
    because = "speech whose provider waits after its first piece"
    request = valid_request(case, "speech", response_format="wav")
    act = {"chunked": True, "drip": {"chunk": 4096, "interval_s": 0}}
    reached, exchange = held_after_first(case, "speech", request, bool, act)
    case.succeeded(exchange)
    case.judge(None if reached else _held_back(exchange, because, "the first audio"))


def _held_back(exchange: Exchange, because: str, what: str) -> Finding:
    expected = f"{what} at the client while the provider holds the rest"
    return Finding(f"{because}: {what} is held back", expected, "nothing until the provider had sent all", (exchange,))


@each("route, kind", product(ROUTES, _BREAKS), "streams.{route}.broken-off")
def test_a_stream_that_its_provider_breaks_off_shows_it(case: Case, route: str, kind: str) -> None:
    result = streamed(case, route, _BREAKS[kind])
    case.judge(
        did_not_end(result, case.contract.stream(route), because=f"a stream of {route} that its provider breaks off")
    )


@each("route, pieces", product(ROUTES, (0, 1)), "streams.{route}.error-event")
def test_an_error_in_a_stream_reaches_the_client(case: Case, route: str, pieces: int) -> None:
    """At its beginning, or when a piece has come; and no end is made up behind it."""
    result = streamed(case, route, interrupted(case, route, pieces))
    stream, because = case.contract.stream(route), f"a stream of {route} with an error after {pieces} pieces"
    if result.exchange.is_error or (result.wire is not None and result.wire.broken_off):
        return
    judge_stream(
        case,
        route,
        has_error_event(result.exchange, stream, ERROR, because=because),
        no_end_after_error(result.exchange, stream, because=because),
    )


@each("route, kind", product(ROUTES, _REFUSALS), "streams.{route}.refused")
def test_a_stream_that_its_provider_refuses_is_none(case: Case, route: str, kind: str) -> None:
    result = streamed(case, route, {"status": _REFUSALS[kind]})
    because = f"a stream of {route} that its provider refuses with {_REFUSALS[kind]}"
    case.judge(refused(result, case.contract.statuses("provider-refusal"), because=because))


@exclusive
@lasting
@each("route", ROUTES, "streams.{route}.abandoned")
def test_a_client_that_leaves_harms_nobody(case: Case, route: str) -> None:
    """Judged only if a stream was served before; the next stream and the next plain request are served."""
    served = case.contract.statuses("served")
    a_stream(case.example(), route)
    left_after_first(case.example(), route)
    because = f"{route} after a client left in the middle of a stream"
    next_one = case.example()
    again = streamed(next_one, route).exchange
    case.judge(
        status_is(again, served, because=because) or is_stream(again, because=because),
        status_is(ask(case.example(), route), served, because=because),
    )

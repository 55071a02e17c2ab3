"""What a call used: the provider's numbers survive in every format, in streams and in the headers that the target names."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.drive.calls import asked_anew
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS, TRANSCRIPT_OPERATIONS, ask
from conformance.drive.scripted_streams import one_piece, text_events
from conformance.drive.scripts import json_response, match_of, scripted_response
from conformance.drive.streams import a_stream, judge_stream, streamed
from conformance.errors import Blocked, NotForwarded
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange
from conformance.judge.client.details import duration_equals
from conformance.judge.client.streams import events_of
from conformance.judge.upstream.metering import (
    headers_agree,
    no_zero_in_headers,
    nothing_metered,
    usage_has_a_shape,
    usage_is,
)
from conformance.mock.calls import RecordedCall
from conformance.samples.odd_recordings import ODD_RECORDINGS

_TOKENS = {"type": "tokens", "input_tokens": 141, "output_tokens": 59, "total_tokens": 200}
_USAGES: dict[str, dict[str, Any]] = {
    "tokens": {**_TOKENS, "input_token_details": {"text_tokens": 4, "audio_tokens": 137}},
    "duration": {"type": "duration", "seconds": 27},
    "nothing": {"type": "tokens", "input_tokens": 0, "output_tokens": 0, "total_tokens": 0},
}
_HEARD_S, _PAID_S = 2.34, 3
_FAILURES: dict[str, dict[str, Any]] = {
    "refused": {"status": 400},
    "failed": {"status": 500},
    "limited": {"status": 429},
    "dropped": {"reset": "before_headers"},
}


def _document(wanted: str, usage: dict[str, Any] | None) -> dict[str, Any]:
    document: dict[str, Any] = {"text": "All of it."} | ({"usage": usage} if usage else {})
    if wanted == "verbose_json":
        document |= {"language": "english", "duration": _HEARD_S, "segments": []}
    return document


def _reported(
    case: Case, route: str, wanted: str, usage: dict[str, Any] | None, upload: Upload | None = None
) -> tuple[Exchange, RecordedCall]:
    """A transcript that was served, of a provider that reports this usage, and the provider's call."""
    upload = upload or case.upload()
    with scripted_response(case, route, upload, json_response(_document(wanted, usage))):
        exchange = case.succeeded(ask(case, route, upload=upload, response_format=wanted))
    calls = case.calls(upload)
    if not calls:
        raise NotForwarded(exchange)
    return exchange, calls[-1]


def _usage_comes(case: Case, route: str, wanted: str, usage: dict[str, Any] | None, because: str) -> None:
    exchange, _ = _reported(case, route, wanted, usage)
    case.judge(usage_is(_found(exchange), usage, exchange, because=because))


def _found(exchange: Exchange) -> dict[str, Any]:
    return exchange.answer.document() if exchange.answer else {}


def _names(case: Case) -> dict[str, str]:
    return case.target.usage_headers.names if case.target.usage_headers else {}


@each("route, kind", product(TRANSCRIPT_OPERATIONS, _USAGES), "metering.{route}.usage")
@pytest.mark.parametrize("wanted", ["json", "verbose_json"])
def test_usage_comes_with_its_numbers(case: Case, route: str, kind: str, wanted: str) -> None:
    _usage_comes(case, route, wanted, _USAGES[kind], f"{route} in {wanted} with usage of {kind}")


@each("route", TRANSCRIPT_OPERATIONS, "metering.{route}.absent")
@pytest.mark.parametrize("wanted", ["json", "verbose_json"])
def test_absent_usage_is_not_made_up(case: Case, route: str, wanted: str) -> None:
    _usage_comes(case, route, wanted, None, f"{route} in {wanted} of a provider that reports no usage")


@each("route", ("speech", "transcriptions"), "metering.{route}.stream")
def test_usage_comes_at_the_end_of_a_stream(case: Case, route: str) -> None:
    usage = {name: value for name, value in _TOKENS.items() if route != "speech" or name != "type"}
    exchange = case.succeeded(streamed(case, route, one_piece(case, route, usage)).exchange)
    done = events_of(exchange).of(case.contract.stream(route).done)
    because = f"a stream of {route} with usage"
    judge_stream(case, route, usage_is(done[-1] if done else {}, usage, exchange, because=because))


@each("route", ("transcriptions",), "metering.{route}.stream-absent")
def test_absent_usage_is_not_made_up_in_a_stream(case: Case, route: str) -> None:
    stream = case.contract.stream(route)
    exchange = case.succeeded(streamed(case, route, text_events(stream, "All of it.")).exchange)
    done = events_of(exchange).of(stream.done)
    if not done:
        a_stream(case.example(), route)
    case.judge(usage_is(done[-1] if done else {}, None, exchange, because=f"a stream of {route} without usage"))


@each("route", TRANSCRIPT_OPERATIONS, "{route}.usage.shape")
@pytest.mark.parametrize("wanted", ["json", "verbose_json"])
def test_usage_counts_tokens_or_seconds(case: Case, route: str, wanted: str) -> None:
    exchange = case.succeeded(ask(case, route, response_format=wanted))
    case.judge(usage_has_a_shape(exchange, because=f"{route} in {wanted}"))


@each("route, kind", product(TRANSCRIPT_OPERATIONS, _USAGES), "metering.{route}.headers")
@pytest.mark.parametrize("wanted", ["json", "verbose_json"])
def test_headers_agree_with_the_usage(case: Case, route: str, kind: str, wanted: str) -> None:
    """Those that the target names, for the members that this kind of usage has."""
    exchange, _ = _reported(case, route, wanted, _USAGES[kind])
    because = f"{route} in {wanted} with usage of {kind}"
    case.judge(headers_agree(exchange, _names(case), _USAGES[kind], because=because))


@each("route", TRANSCRIPT_OPERATIONS, "metering.{route}.headers-absent")
@pytest.mark.parametrize("wanted", ["json", "verbose_json"])
def test_headers_tell_no_zero_of_what_was_not_reported(case: Case, route: str, wanted: str) -> None:
    exchange, _ = _reported(case, route, wanted, None)
    because = f"{route} in {wanted} of a provider that reports no usage"
    case.judge(no_zero_in_headers(exchange, _names(case), because=because))


@each("route, kind", product(OPERATIONS, _FAILURES), "metering.{route}.failed")
def test_what_failed_is_not_metered(case: Case, route: str, kind: str) -> None:
    with case.provider.scripted(match_of(case, route), _FAILURES[kind]):
        exchange = ask(case, route, limited=True)
    if exchange.is_success:
        raise Blocked(f"a failing provider is no error here: {exchange.got}", exchange)
    case.judge(nothing_metered(exchange, _names(case), because=f"{route} with a provider's failure ({kind})"))


@each("route", TRANSCRIPT_OPERATIONS, "metering.{route}.retried")
def test_a_call_that_was_tried_again_counts_once(case: Case, route: str) -> None:
    """The provider fails once, and then reports its usage; who does not try again has an error, which counts nothing."""
    usage, upload = _USAGES["tokens"], case.upload()
    match = match_of(case, route)
    with (
        case.provider.scripted(match, json_response(_document("json", usage))),
        case.provider.scripted(match, {"status": 503}, times=1),
    ):
        exchange = ask(case, route, upload=upload, limited=True)
    because = f"{route} of a provider that failed once"
    if not case.is_served(exchange):
        case.judge(nothing_metered(exchange, _names(case), because=because))
        return
    case.judge(
        usage_is(_found(exchange), usage, exchange, because=because),
        headers_agree(exchange, _names(case), usage, because=because),
    )


@each("route", TRANSCRIPT_OPERATIONS, "metering.{route}.repeated")
def test_what_led_to_no_call_counts_nothing(case: Case, route: str) -> None:
    """The same request again: where it is a call, headers agree with that one; where it is none, they are absent or 0."""
    usage = _USAGES["tokens"]
    with case.provider.scripted(match_of(case, route), json_response(_document("json", usage))):
        asked_anew(case, route, "")
        exchange, calls = asked_anew(case, route, "")
    because = f"{route} that was asked before"
    nothing = dict.fromkeys(usage, 0)
    if not calls and not any(
        name for name in _names(case).values() if exchange.answer and exchange.answer.header(name)
    ):
        return
    case.judge(headers_agree(exchange, _names(case), usage if calls else nothing, because=because))


@each("route, kind", product(TRANSCRIPT_OPERATIONS, ODD_RECORDINGS), "metering.{route}.odd-recordings")
def test_the_duration_of_an_odd_recording_is_the_providers(case: Case, route: str, kind: str) -> None:
    """Whoever takes it from the recording's own head finds hours in it, or nothing."""
    usage, upload = {"type": "duration", "seconds": _PAID_S}, ODD_RECORDINGS[kind](case.marker)
    exchange, call = _reported(case, route, "verbose_json", usage, upload)
    because = f"{route} of a recording whose head does not tell its length ({kind})"
    case.judge(
        duration_equals(exchange, _HEARD_S, call, because=because),
        usage_is(_found(exchange), usage, exchange, because=because),
        headers_agree(exchange, _names(case), usage, because=because),
    )

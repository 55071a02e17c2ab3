"""Streams of events: what comes, in which order, and that its pieces are the whole; for contracts that have streams."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import decides, each
from conformance.drive.scripted_streams import events_act, text_events, with_every_member
from conformance.drive.streams import a_stream, judge_stream, streamed
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.streams import (
    audio_joins,
    events_of,
    has_usage,
    is_ordered,
    is_stream,
    pieces_join,
    same_events,
)
from conformance.samples.event_streams import LARGE, SPELLINGS, Spelling, plain

ROUTES = ("speech", "transcriptions")
# Speech always has sound; a transcript may hold no words.
_LEAST = {"speech": 1, "transcriptions": 0}
LONG = " The quick brown fox jumped over the lazy dog." * 5
ODD_TEXTS = ("Grüße, 世界 🦊", "a\u2028b\u0085c", 'data: {"type": "x"}\n\ndata: [DONE]', "  two  spaces ")
_SPEAKER: dict[str, type | tuple[type, ...]] = {
    "id": str,
    "start": (int, float),
    "end": (int, float),
    "text": str,
    "speaker": str,
}


def in_full(case: Case, route: str, exchange: Exchange, because: str) -> tuple[Finding | None, ...]:
    """Findings of a stream that is not whole: its events, their order, and what their pieces make."""
    stream = case.contract.stream(route)
    wrong = case.answered(exchange, "served", because=because) or is_stream(exchange, because=because)
    if wrong:
        return (wrong,)
    joined = (
        audio_joins(exchange, stream, "mp3", because=because)
        if stream.encoded
        else pieces_join(exchange, stream, because=because)
    )
    return is_ordered(exchange, stream, least=_LEAST[route], because=because), joined


@each("route", ROUTES, "streams.{route}.events")
def test_a_stream_is_one_of_events(case: Case, route: str) -> None:
    exchange, because = streamed(case, route).exchange, f"a stream of {route}"
    wrong = case.answered(exchange, "served", because=because)
    case.judge(wrong or is_stream(exchange, because=because))


@each("route", ROUTES, "streams.{route}.order")
def test_the_last_event_comes_once_and_last(case: Case, route: str) -> None:
    exchange = a_stream(case, route)
    stream = case.contract.stream(route)
    case.judge(is_ordered(exchange, stream, least=_LEAST[route], because=f"a stream of {route}"))


@decides("streams.transcriptions.joined")
@pytest.mark.parametrize("text", ["own", "long"])
def test_the_deltas_are_the_text(case: Case, text: str) -> None:
    """What the provider hears in the case's recording may be a word; a text of its own has many pieces."""
    stream = case.contract.stream("transcriptions")
    act = text_events(stream, LONG) if text == "long" and case.mock else {}
    exchange = case.succeeded(streamed(case, "transcriptions", act).exchange)
    judge_stream(case, "transcriptions", pieces_join(exchange, stream, because="a stream of transcriptions"))


@decides("streams.speech.joined")
@pytest.mark.parametrize("wanted", ["mp3", "wav", "flac"])
def test_the_deltas_are_the_audio(case: Case, wanted: str) -> None:
    exchange = a_stream(case, "speech", input=case.text + LONG, response_format=wanted)
    case.judge(audio_joins(exchange, case.contract.stream("speech"), wanted, because=f"a stream of speech in {wanted}"))


@decides("streams.speech.usage")
def test_the_last_event_of_speech_has_its_usage(case: Case) -> None:
    exchange = a_stream(case, "speech")
    case.judge(has_usage(exchange, case.contract.stream("speech"), because="a stream of speech"))


@decides("streams.transcriptions.speakers")
def test_the_segments_of_a_diarized_stream_come_before_its_end(case: Case) -> None:
    stream = case.contract.stream("transcriptions")
    model = case.model_keys("diarization")[0]
    exchange = a_stream(case, "transcriptions", model=model, response_format="diarized_json")
    segments = [event for kind in stream.between for event in events_of(exchange).of(kind)]
    because = "a stream of speakers"
    wrong = next((each for each in segments if not _fits(each)), None)
    lacking = Finding(f"{because}: no segments", "segments with a speaker", str(events_of(exchange)), (exchange,))
    odd = Finding(f"{because}: a segment without its members", ", ".join(_SPEAKER), f"{wrong!r:.200}", (exchange,))
    case.judge(
        None if segments else lacking, odd if wrong else None, is_ordered(exchange, stream, least=0, because=because)
    )


def _fits(segment: dict[str, Any]) -> bool:
    return all(isinstance(segment.get(name), kind) for name, kind in _SPEAKER.items())


# So many bytes at a time, and so long between them that they do not come together again on the way.
_PIECES = {"speech": (997, 4099), "transcriptions": (3, 50)}
_APART_S = 0.004


@each("route, chunk", [(route, chunk) for route in ROUTES for chunk in _PIECES[route]], "streams.{route}.pieces")
def test_events_that_were_cut_anywhere_are_whole(case: Case, route: str, chunk: int) -> None:
    """The provider's pieces end inside events, lines and characters, or hold several events."""
    stream, drip = case.contract.stream(route), {"drip": {"chunk": chunk, "interval_s": _APART_S}}
    act = drip if stream.encoded else text_events(stream, ODD_TEXTS[0] * 3) | drip
    exchange = streamed(case, route, act).exchange
    because = f"a stream of {route} whose provider sends {chunk} bytes at a time"
    judge_stream(case, route, *in_full(case, route, exchange, because))


@decides("streams.transcriptions.text")
@pytest.mark.parametrize("text", ODD_TEXTS, ids=["scripts", "line-ends", "event-like", "blanks"])
@pytest.mark.parametrize("chunk", [3, 10_000])
def test_the_text_of_a_stream_is_the_providers(case: Case, text: str, chunk: int) -> None:
    drip = {"drip": {"chunk": chunk, "interval_s": _APART_S}}
    act = text_events(case.contract.stream("transcriptions"), text) | drip
    exchange = streamed(case, "transcriptions", act).exchange
    because = f"a stream of the text {text[:20]!a} in pieces of {chunk} bytes"
    found = (*in_full(case, "transcriptions", exchange, because), *_same(case, exchange, because))
    judge_stream(case, "transcriptions", *found)


@each("route", ROUTES, "streams.{route}.same")
def test_the_events_are_the_providers(case: Case, route: str) -> None:
    exchange = a_stream(case, route)
    case.judge(*_same(case, exchange, f"a stream of {route}"))


@each("route, spelling", product(ROUTES, SPELLINGS), "streams.{route}.same")
def test_how_the_provider_writes_its_events_makes_no_difference(case: Case, route: str, spelling: str) -> None:
    because = f"a stream of {route} whose provider writes its events otherwise ({spelling})"
    _judge_as_sent(case, route, SPELLINGS[spelling], because)


@each("route", ROUTES, "streams.{route}.same")
def test_every_member_of_an_event_is_handed_on(case: Case, route: str) -> None:
    _judge_as_sent(case, route, plain, f"a stream of {route} with every member that events may have")


@each("route", ROUTES, "streams.{route}.same")
def test_a_large_event_is_handed_on(case: Case, route: str) -> None:
    _judge_as_sent(case, route, plain, f"a stream of {route} with an event of {LARGE} characters", "A" * LARGE)


def _judge_as_sent(case: Case, route: str, spelling: Spelling, because: str, fill: str = "") -> None:
    act = events_act(with_every_member(case, route, fill), spelling)
    exchange = streamed(case, route, act).exchange
    wrong = case.answered(exchange, "served", because=because)
    judge_stream(case, route, wrong or same_events(exchange, act["body"]["text"], because=because))


def _same(case: Case, exchange: Exchange, because: str) -> tuple[Finding | None, ...]:
    call = case.call(exchange)
    return (same_events(exchange, call.response_text, because=because),)

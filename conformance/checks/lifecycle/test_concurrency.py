"""Concurrency: many requests at a time get their own answers, and ids of their own."""

from __future__ import annotations

from conformance.drive.case import Case
from conformance.drive.load import CROWD, all_at_once, all_in_flight, send_on
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS
from conformance.errors import NotForwarded
from conformance.http.exchange import Exchange
from conformance.judge.client.errors import ids_unique, request_id_of
from conformance.judge.concurrency import own_audio, own_call, own_text


def _text_of(case: Case) -> str:
    return f"What {case.marker} said."


@decides("concurrency.speech")
def test_every_speech_is_its_own(case: Case) -> None:
    cases = [case.example() for _ in range(CROWD)]
    exchanges = all_in_flight(case, cases, send_on(["speech"]), lambda _: {})
    calls = [member.calls() for member in cases]
    if not any(calls):
        raise NotForwarded(exchanges[0])
    for exchange, own in zip(exchanges, calls, strict=True):
        case.judge(own_call(exchange, own) or own_audio(exchange, own[-1]))


@each("route", ["transcriptions", "translations"], "concurrency.{route}")
def test_every_transcript_is_its_own(case: Case, route: str) -> None:
    cases = [case.example() for _ in range(CROWD)]
    exchanges = all_in_flight(
        case, cases, send_on([route]), lambda member: {"body": {"json": {"text": _text_of(member)}}}
    )
    case.judge(*(own_text(exchange, _text_of(member)) for member, exchange in zip(cases, exchanges, strict=True)))


@decides("concurrency.request-ids")
def test_no_two_share_an_id(case: Case) -> None:
    cases = [case.example() for _ in range(CROWD)]
    exchanges = all_at_once(cases, send_on(list(OPERATIONS)))
    case.judge(ids_unique(exchanges, map(_id_of, exchanges), because="many requests at a time"))


def _id_of(exchange: Exchange) -> str:
    """A transcript names its request in the document, speech in the header."""
    named = exchange.answer.document().get("request_id") if exchange.answer else None
    return str(named or "") or request_id_of(exchange)

"""Concurrency: many requests at a time get their own responses, and ids of their own."""

from __future__ import annotations

from conformance.drive.case import Case
from conformance.drive.load import AT_ONCE, all_at_once, all_in_flight, send_on
from conformance.drive.marks import decides, each
from conformance.drive.requests import OPERATIONS
from conformance.errors import NotForwarded
from conformance.judge.client.headers import header_of, ids_unique
from conformance.judge.client.speech import same_bytes
from conformance.judge.client.transcripts import request_id_of, text_is
from conformance.judge.upstream.calls import called

_AMONG_MANY = "one of many requests at a time"


def _text_of(case: Case) -> str:
    return f"What {case.marker} said."


@decides("concurrency.speech")
def test_every_speech_is_its_own(case: Case) -> None:
    cases = [case.example() for _ in range(AT_ONCE)]
    exchanges = all_in_flight(case, cases, send_on(["speech"]), lambda _: {})
    calls = [member.calls() for member in cases]
    if not any(calls):
        raise NotForwarded(exchanges[0])
    for exchange, own in zip(exchanges, calls, strict=True):
        case.judge(called(exchange, own, because=_AMONG_MANY) or same_bytes(exchange, own))


@each("route", ["transcriptions", "translations"], "concurrency.{route}")
def test_every_transcript_is_its_own(case: Case, route: str) -> None:
    cases = [case.example() for _ in range(AT_ONCE)]
    exchanges = all_in_flight(
        case, cases, send_on([route]), lambda member: {"body": {"json": {"text": _text_of(member)}}}
    )
    case.judge(
        *(
            text_is(exchange, _text_of(member), case.contract.transcript(), because=_AMONG_MANY)
            for member, exchange in zip(cases, exchanges, strict=True)
        )
    )


@decides("concurrency.request-ids")
def test_no_two_share_an_id(case: Case) -> None:
    cases = [case.example() for _ in range(AT_ONCE)]
    exchanges = all_at_once(cases, send_on(list(OPERATIONS)))
    name = case.contract.names.request_id_header
    ids = [request_id_of(exchange, case.contract.transcript()) or header_of(exchange, name) for exchange in exchanges]
    case.judge(ids_unique(exchanges, ids, "the request id of many requests at a time"))

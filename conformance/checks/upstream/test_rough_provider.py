"""A provider that answers in any shape that HTTP allows: what it says reaches the client all the same."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.idle import Asked, FirstIdle, asked_after_idling
from conformance.drive.marks import each, exclusive
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS, TRANSCRIPTS
from conformance.drive.rough import (
    OFFERED,
    Findings,
    document_served_as_plain,
    met,
    rough_request,
    said,
    served_as_plain,
    whole,
)
from conformance.samples.rough_provider import MEDIA_TYPES, PIECES_OF_TEXT, SHAPES, pieces

_ANY_BODY = [
    (shape, route, form, variant)
    for shape, variants in SHAPES.items()
    for route, form in OPERATIONS_AND_ENCODINGS
    for variant in variants
]
_MEDIA_TYPES = [
    (route, form, name)
    for route, form in OPERATIONS_AND_ENCODINGS
    for name in MEDIA_TYPES["object" if (route, form) in TRANSCRIPTS else "audio"]
]
# For long enough to notice on a busy machine, at the second attempt. Pools that look at a connection only once it has been
# idle for two seconds (a usual default in Java) are let off by that attempt.
_FIRST_IDLE_S, _SECOND_IDLE_S = 0.5, 2.5


@each("shape, route, form, variant", _ANY_BODY, "provider.{route}.rough-{shape}")
def test_an_answer_in_a_legal_shape_is_served(case: Case, shape: str, route: str, form: str, variant: str) -> None:
    act = {**said(case, route), **SHAPES[shape][variant]}
    because = f"{route} ({form}) of a provider's answer in an unusual shape ({shape}, {variant})"
    served_as_plain(case, route, rough_request(case, route, form), act, because=because)


@each("route, form", OPERATIONS_AND_ENCODINGS, "provider.{route}.rough-compressed")
def test_a_client_that_takes_compressed_bodies_gets_what_was_said(case: Case, route: str, form: str) -> None:
    """Nearly every client says that it takes gzip, and a gateway may hand that on: then it has to mean it."""
    act = {**said(case, route), **SHAPES["compressed"]["gzip"]}
    because = f"{route} ({form}) for a client that takes gzip, of a provider that compresses where it may"
    served_as_plain(case, route, rough_request(case, route, form, offers=OFFERED), act, because=because)


@each("route, form", OPERATIONS_AND_ENCODINGS, "provider.{route}.rough-pieces")
@pytest.mark.parametrize("variant", PIECES_OF_TEXT)
@pytest.mark.parametrize("escaped", [False, True], ids=["raw", "escaped"])
def test_a_body_in_pieces_is_served_whole(case: Case, route: str, form: str, variant: str, *, escaped: bool) -> None:
    """Pieces that end within characters, or within JSON escapes."""
    audio = case.contract.operations[route].gives_audio
    act = {**said(case, route, escaped=escaped), **pieces(audio=audio)[variant]}
    because = f"{route} ({form}) of a provider's answer in pieces of a few bytes ({variant})"
    served_as_plain(case, route, rough_request(case, route, form), act, because=because)


@each("route, form", TRANSCRIPTS, "provider.{route}.rough-pieces")
@pytest.mark.parametrize("variant", PIECES_OF_TEXT)
def test_a_document_in_pieces_is_served_whole(case: Case, route: str, form: str, variant: str) -> None:
    because = f"{route} ({form}) in text of a provider's answer in pieces of a few bytes ({variant})"
    document_served_as_plain(case, route, form, PIECES_OF_TEXT[variant], because=because)


@each("route, form, name", _MEDIA_TYPES, "provider.{route}.rough-media-type")
def test_a_media_type_in_another_spelling_is_the_same(case: Case, route: str, form: str, name: str) -> None:
    audio = case.contract.operations[route].gives_audio
    content_type = MEDIA_TYPES["audio" if audio else "object"][name]
    act = {**({} if audio else said(case, route)), "content_type": content_type}
    request = rough_request(case, route, form, **({"response_format": "mp3"} if audio else {}))
    because = f"{route} ({form}) of a provider whose Content-Type is {content_type!r}"
    served_as_plain(case, route, request, act, because=because)


@each("route, form", TRANSCRIPTS, "provider.{route}.rough-media-type")
@pytest.mark.parametrize("name", MEDIA_TYPES["document"])
def test_a_media_type_of_a_document_in_another_spelling_is_the_same(
    case: Case, route: str, form: str, name: str
) -> None:
    content_type = MEDIA_TYPES["document"][name]
    because = f"{route} ({form}) in text of a provider whose Content-Type is {content_type!r}"
    document_served_as_plain(case, route, form, {"content_type": content_type}, because=because)


@exclusive
@each("route", OPERATIONS, "provider.{route}.rough-idle")
def test_a_connection_that_was_closed_while_idle_costs_no_request(case: Case, route: str) -> None:
    """The provider closes its connections soon after each answer, and the gateway has had time to notice.

    Several at a time, so that the connections which the gateway uses next are among those.
    """
    first = case.shared.get(FirstIdle).of(case, route, _FIRST_IDLE_S)
    if any(_lost(first, _FIRST_IDLE_S)):
        case.judge(*_lost(asked_after_idling(case, route, _SECOND_IDLE_S), _SECOND_IDLE_S))


def _lost(asked: list[Asked], idle_s: float) -> Findings:
    because = f"after a provider has closed connections that were idle for {idle_s:g} s"
    return tuple(finding for each in asked for finding in _not_whole(each, because))


def _not_whole(asked: Asked, because: str) -> Findings:
    case, exchange = asked.case, asked.exchange
    calls = met(case, exchange) if case.is_served(exchange) else []
    return whole(case, asked.route, exchange, calls, because=f"{asked.route} ({asked.form}) {because}")

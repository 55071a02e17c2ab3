"""Judges of transcripts: where the contract puts the text and the id, and what each finding says."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts import TranscriptShape
from conformance.http.exchange import Exchange
from conformance.judge.client.transcripts import (
    has_no_text,
    has_request_id,
    is_transcript,
    provider_document,
    request_id_in_header,
    request_id_of,
    text_is,
    text_is_providers,
    text_of,
)
from tests.conformance.judge.answers import answered, answered_json, labelled, unanswered
from tests.conformance.judge.calls import form_call, response
from tests.conformance.judge.findings import says

OBJECT = TranscriptShape(kind="object", media_types=("application/json",))
OTHER_NAMES = TranscriptShape(kind="object", media_types=("application/json",), text="words", request_id="id")
DOCUMENT = TranscriptShape(kind="document", media_types=("text/plain", "text/vtt"), request_id=None)
GOOD = {"text": "Hello.", "request_id": "req_1", "usage": {"seconds": 1}, "more": None}


def transcript(document: Any) -> Exchange:
    return answered_json(200, document)


@pytest.mark.parametrize("label", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_a_transcript_may_have_parameters_and_more_fields(label: str) -> None:
    exchange = answered_json(200, GOOD, media_type=label)
    assert is_transcript(exchange, OBJECT, because="x") is None
    assert has_request_id(exchange, OBJECT, because="x") is None
    assert text_of(exchange, OBJECT) == "Hello."


def test_an_empty_text_is_a_text() -> None:
    assert is_transcript(transcript({"text": "", "request_id": "r"}), OBJECT, because="x") is None


@pytest.mark.parametrize("document", ["Hello.", ["Hello."], None])
def test_json_that_is_no_object_is_found(document: Any) -> None:
    message, expected, got = says(is_transcript(transcript(document), OBJECT, because="json"))
    assert (message, expected) == ("json: not a transcript", 'a JSON object {"text": string, ...}')
    assert got.startswith("JSON, but no object: ")


@pytest.mark.parametrize("document", [{}, {"text": None}, {"text": 5}, {"text": ["x"]}])
def test_an_object_without_a_text_is_found(document: Any) -> None:
    assert says(is_transcript(transcript(document), OBJECT, because="x"))[2].startswith("no string under text: {")
    assert text_of(transcript(document), OBJECT) is None


@pytest.mark.parametrize("label", ["text/plain", "text/html; charset=utf-8", "application/problem+json", ""])
def test_another_label_is_found(label: str) -> None:
    finding = is_transcript(answered_json(200, GOOD, media_type=label), OBJECT, because="x")
    assert says(finding) == ("x: wrong media type", "Content-Type application/json", f"Content-Type {label!r}")


@pytest.mark.parametrize(
    "body", [b"", b"Hello.", b'{"text": "x"', b'{"text": "\xe9"}', b'{"text": "x", "duration": NaN}']
)
def test_what_is_no_json_in_utf8_is_found(body: bytes) -> None:
    finding = is_transcript(labelled(body, "application/json"), OBJECT, because="x")
    assert says(finding)[2].startswith("no JSON (")


def test_the_contract_names_the_members() -> None:
    exchange = transcript({"words": "Hello.", "id": "req_1"})
    assert is_transcript(exchange, OTHER_NAMES, because="x") is None
    assert has_request_id(exchange, OTHER_NAMES, because="x") is None
    assert text_is(exchange, "Hello.", OTHER_NAMES, because="x") is None
    assert says(is_transcript(transcript(GOOD), OTHER_NAMES, because="x"))[1] == 'a JSON object {"words": string, ...}'
    assert says(has_request_id(transcript(GOOD), OTHER_NAMES, because="x"))[1:] == (
        "id, a string that is not blank",
        "no id",
    )


def test_a_plain_document_is_its_own_text() -> None:
    """No member to look under, and no place for an id."""
    exchange = labelled("Grüße.\r\n".encode(), "text/plain; charset=utf-8")
    assert is_transcript(exchange, DOCUMENT, because="x") is None
    assert has_request_id(exchange, DOCUMENT, because="x") is None
    assert request_id_of(exchange, DOCUMENT) is None
    assert text_is(exchange, "Grüße.\r\n", DOCUMENT, because="x") is None
    assert says(text_is(exchange, "Grüße.\n", DOCUMENT, because="x"))[2] == "'Gr\\xfc\\xdfe.\\r\\n'"


def test_a_document_of_another_kind_is_found() -> None:
    finding = is_transcript(answered_json(200, GOOD), DOCUMENT, because="x")
    wanted = "Content-Type text/plain or text/vtt"
    assert says(finding) == ("x: wrong media type", wanted, "Content-Type 'application/json'")
    finding = is_transcript(labelled(b"Gr\xfc\xdfe", "text/plain"), DOCUMENT, because="x")
    message, expected, got = says(finding)
    assert (message, expected) == ("x: not a transcript", "a text in UTF-8")
    assert got.startswith("no UTF-8: ")
    assert text_of(labelled(b"\xfc", "text/plain"), DOCUMENT) is None


@pytest.mark.parametrize("value", [None, "", " ", 5, ["r"]])
def test_a_request_id_is_a_string_that_is_not_blank(value: Any) -> None:
    exchange = transcript({"text": "x", "request_id": value})
    finding = has_request_id(exchange, OBJECT, because="x")
    assert says(finding) == ("x: no request_id", "request_id, a string that is not blank", repr(value))
    assert request_id_of(exchange, OBJECT) is None


def test_an_absent_request_id_is_found() -> None:
    assert says(has_request_id(transcript({"text": "x"}), OBJECT, because="x"))[2] == "no request_id"


def test_no_answer_is_found_by_all() -> None:
    lost = unanswered("connection reset")
    found = (
        is_transcript(lost, OBJECT, because="x"),
        has_request_id(lost, OBJECT, because="x"),
        text_is(lost, "x", OBJECT, because="x"),
    )
    assert [says(finding)[0] for finding in found] == ["x: no answer", "x: no request_id", "x: no text"]
    assert {says(finding)[2] for finding in found} == {"connection reset"}


def test_ids_are_compared_only_where_both_are_there() -> None:
    same, header = answered_json(200, GOOD, x_request_id=" req_1"), "X-Request-Id"
    assert request_id_in_header(same, OBJECT, header) is None
    assert request_id_in_header(transcript(GOOD), OBJECT, header) is None
    assert request_id_in_header(answered_json(200, {"text": "x"}, x_request_id="req_1"), OBJECT, header) is None
    finding = request_id_in_header(answered_json(200, GOOD, x_request_id="req_2"), OBJECT, header)
    assert says(finding) == ("request_id and X-Request-Id differ", "both 'req_2'", "request_id 'req_1'")


@pytest.mark.parametrize(
    ("sent", "got", "place"),
    [
        ("e\u0301", "\u00e9", 0),
        ("é", "Ã©", 0),
        (" x ", "x", 0),
        ("a\r\nb", "a\nb", 1),
        ("👩\u200d👧", "👩👧", 1),
        ("x", "x\n", 1),
        ("\ufeffx", "x", 0),
    ],
)
def test_every_change_of_the_text_is_found(sent: str, got: str, place: int) -> None:
    assert text_is(transcript({"text": sent}), sent, OBJECT, because="x") is None
    finding = text_is(transcript({"text": got}), sent, OBJECT, because="x")
    lengths = f"{len(sent)} characters expected, {len(got)} came"
    assert says(finding) == (
        f"x: the text differs from character {place} on ({lengths})",
        ascii(sent),
        ascii(got),
    )


@pytest.mark.parametrize("got", [None, 12])
def test_no_text_is_found(got: Any) -> None:
    message, expected, _ = says(text_is(transcript({"text": got}), "12", OBJECT, because="x"))
    assert (message, expected) == ("x: no text", "'12'")


def test_a_difference_is_shown_where_it_is() -> None:
    exchange = transcript({"text": "a" * 100 + "\u00e9"})
    message, expected, got = says(text_is(exchange, "a" * 100 + "e\u0301", OBJECT, because="x"))
    assert "character 100" in message
    assert expected.endswith("ae\\u0301'")
    assert got.endswith("a\\xe9'")


def test_words_out_of_nothing_are_found() -> None:
    assert has_no_text(transcript({"text": ""}), OBJECT, because="x") is None
    assert has_no_text(answered(400, b"{}"), OBJECT, because="x") is None
    finding = has_no_text(transcript({"text": "Thank you."}), OBJECT, because="x")
    assert says(finding)[:2] == ("x: words out of nothing", "an error, or an empty text")


def test_the_providers_document_is_read_from_its_response() -> None:
    assert provider_document(form_call(answer=response('{"text": "x"}'))) == {"text": "x"}
    for nothing in (None, response(b"\xff"), response("[1]"), response("x")):
        assert provider_document(form_call(answer=nothing)) == {}


def test_the_clients_text_is_the_providers() -> None:
    spoken = form_call(answer=response('{"text": "Well."}'))
    assert text_is_providers(transcript({"text": "Well."}), spoken, OBJECT, because="x") is None
    assert says(text_is_providers(transcript({"text": "Good."}), spoken, OBJECT, because="x"))[1:] == (
        "'Well.'",
        "'Good.'",
    )
    assert (
        text_is_providers(transcript({"text": "x"}), form_call(answer=response("Well.")), OBJECT, because="x") is None
    )

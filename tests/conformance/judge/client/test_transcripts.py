"""Judges of transcripts: the object, its ids, its text."""

from __future__ import annotations

import pytest

from conformance.judge.client.transcripts import (
    has_no_text,
    has_request_id,
    is_object,
    provider_document,
    request_id_in_header,
    request_id_of,
    text_is,
)
from tests.conformance.judge.exchanges import UNANSWERED, answered, transcript

GOOD = {"text": "Hello.", "request_id": "req_1", "usage": {"seconds": 1}, "more": None}


@pytest.mark.parametrize("label", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_a_transcript_may_have_parameters_and_more_fields(label):
    assert is_object(transcript(GOOD, label), because="x") is None
    assert has_request_id(transcript(GOOD, label), because="x") is None


def test_an_empty_text_is_a_text():
    assert is_object(transcript({"text": "", "request_id": "r"}), because="x") is None


@pytest.mark.parametrize("document", ["Hello.", ["Hello."], None, {}, {"text": None}, {"text": 5}, {"text": ["x"]}])
def test_what_is_no_object_with_text_is_found(document):
    assert is_object(transcript(document), because="x") is not None


@pytest.mark.parametrize("label", ["text/plain", "text/html; charset=utf-8", "application/problem+json", ""])
def test_another_label_is_found(label):
    assert is_object(transcript(GOOD, label), because="x") is not None


@pytest.mark.parametrize(
    "body", [b"", b"Hello.", b'{"text": "x"', b'{"text": "\xe9"}', b'{"text": "x", "duration": NaN}']
)
def test_what_is_no_json_in_utf8_is_found(body):
    assert is_object(answered(body, content_type="application/json"), because="x") is not None


@pytest.mark.parametrize("value", [None, "", " ", 5, ["r"]])
def test_a_request_id_is_a_string_that_is_not_empty(value):
    exchange = transcript({"text": "x", "request_id": value})
    assert has_request_id(exchange, because="x") is not None
    assert request_id_of(exchange) is None


def test_no_answer_is_found_by_all():
    assert is_object(UNANSWERED, because="x") is not None
    assert has_request_id(UNANSWERED, because="x") is not None
    assert text_is(UNANSWERED, "x", because="x") is not None


def test_ids_are_compared_only_where_both_are_there():
    assert request_id_in_header(transcript(GOOD, x_request_id="req_1")) is None
    assert request_id_in_header(transcript(GOOD)) is None
    assert request_id_in_header(transcript({"text": "x"}, x_request_id="req_1")) is None
    assert request_id_in_header(transcript(GOOD, x_request_id="req_2")) is not None


@pytest.mark.parametrize(
    ("said", "got"),
    [
        ("e\u0301", "\u00e9"),
        ("é", "Ã©"),
        (" x ", "x"),
        ("a\r\nb", "a\nb"),
        ("👩\u200d👧", "👩👧"),
        ("x", "x\n"),
        ("\ufeffx", "x"),
        ("null", None),
        ("", None),
        ("12", 12),
    ],
)
def test_every_change_of_the_text_is_found(said, got):
    assert text_is(transcript({"text": said}), said, because="x") is None
    assert text_is(transcript({"text": got}), said, because="x") is not None


def test_a_difference_is_shown_where_it_is():
    finding = text_is(transcript({"text": "a" * 100 + "\u00e9"}), "a" * 100 + "e\u0301", because="x")
    assert finding is not None
    assert "character 100" in finding.message
    assert "\\u0301" in finding.expected
    assert "\\xe9" in finding.got


def test_words_out_of_nothing_are_found():
    assert has_no_text(transcript({"text": ""}), because="x") is None
    assert has_no_text(answered(b"{}", 400), because="x") is None
    assert has_no_text(transcript({"text": "Thank you."}), because="x") is not None


def test_the_providers_document_is_read_from_its_answer():
    assert provider_document({"answer": {"text": '{"text": "x"}'}}) == {"text": "x"}
    for call in (
        {},
        {"answer": None},
        {"answer": {"text": None}},
        {"answer": {"text": "[1]"}},
        {"answer": {"text": "x"}},
    ):
        assert provider_document(call) == {}

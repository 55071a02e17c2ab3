"""Judges of headers: request ids and lengths."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Answer, Ending, Exchange, WireAnswer, WireExchange
from conformance.judge.client.headers import (
    content_length_exact,
    content_length_present,
    ids_unique,
    request_id_present,
)
from tests.conformance.judge.exchanges import REQUEST, UNANSWERED, answered


@pytest.mark.parametrize("value", ["req_1", "3f2b8c9e-0000-4000-8000-000000000000", "1"])
def test_any_id_will_do(value):
    assert request_id_present(answered(x_request_id=value)) is None


def test_no_id_or_a_blank_one_is_found():
    assert request_id_present(answered()) is not None
    assert request_id_present(answered(x_request_id=" ")) is not None
    assert request_id_present(UNANSWERED) is not None


def test_a_shared_id_is_found_with_those_that_share_it():
    exchanges = [answered(bytes([number])) for number in range(4)]
    assert ids_unique(exchanges, ["a", "b", "c", "d"], "X") is None
    finding = ids_unique(exchanges, ["a", "b", "c", "a"], "X")
    assert finding is not None
    assert finding.exchanges == (exchanges[0], exchanges[3])


def test_absent_ids_are_another_judges_business():
    assert ids_unique([answered(), answered(), answered()], [None, None, ""], "X") is None


@pytest.mark.parametrize("headers", [{}, {"content_length": "x"}, {"content_length": "-5"}, {"content_length": "4"}])
def test_a_length_that_is_absent_odd_or_wrong_is_found(headers):
    assert content_length_present(answered(b"audio", **headers)) is not None


def test_the_right_length_passes_also_when_said_twice():
    assert content_length_present(answered(b"audio", content_length="5")) is None
    twice = Exchange(REQUEST, Answer(200, (("Content-Length", "5"), ("content-length", "5")), b"audio"))
    assert content_length_present(twice) is None


def test_two_different_lengths_are_found():
    different = Exchange(REQUEST, Answer(200, (("Content-Length", "5"), ("Content-Length", "6")), b"audio"))
    assert content_length_present(different) is not None


def on_the_wire(
    body: bytes, length: str | None, ending: Ending = Ending.COMPLETE, surplus: bytes = b""
) -> WireExchange:
    headers = () if length is None else (("Content-Length", length),)
    wire = WireAnswer(200, headers, body, ending, surplus, Ending.CLOSED)
    return WireExchange(Exchange(REQUEST, wire.answer), wire)


def test_the_wire_shows_too_much_and_too_little():
    assert content_length_exact(on_the_wire(b"audio", "5")) is None
    assert content_length_exact(on_the_wire(b"audi", "5", Ending.CLOSED)) is not None
    assert content_length_exact(on_the_wire(b"audi", "4", surplus=b"o")) is not None
    assert content_length_exact(on_the_wire(b"audio", None)) is not None
    assert content_length_exact(WireExchange(UNANSWERED, None)) is not None


def test_the_finding_says_how_the_answer_ended():
    finding = content_length_exact(on_the_wire(b"audi", "5", Ending.SILENT))
    assert finding is not None
    assert "silent" in finding.got

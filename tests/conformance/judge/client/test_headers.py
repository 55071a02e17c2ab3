"""Judges of headers: request ids and lengths."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Answer, Ending, Exchange, WireAnswer, WireExchange
from conformance.judge.client.headers import (
    content_length_exact,
    content_length_present,
    ids_unique,
    length_stands_alone,
    request_id_present,
)
from tests.conformance.judge.answers import headed, unanswered
from tests.conformance.judge.findings import says

UNANSWERED = unanswered("connection reset")
REQUEST = UNANSWERED.request


@pytest.mark.parametrize("value", ["req_1", "3f2b8c9e-0000-4000-8000-000000000000", "1"])
def test_any_id_will_do(value):
    assert request_id_present(headed(x_request_id=value)) is None


@pytest.mark.parametrize(
    ("exchange", "got"),
    [
        (headed(), "no X-Request-Id"),
        (headed(x_request_id=" "), "an empty X-Request-Id"),
        (UNANSWERED, "connection reset"),
    ],
)
def test_no_id_or_a_blank_one_is_found(exchange, got):
    finding = request_id_present(exchange, because="speech in mp3")
    assert says(finding) == ("speech in mp3: no X-Request-Id", "a X-Request-Id that is not empty", got)


def test_the_contract_names_the_header():
    exchange = headed(x_trace="t1")
    assert request_id_present(exchange, "X-Trace") is None
    assert says(request_id_present(exchange, "X-Request-Id"))[2] == "no X-Request-Id"


def test_a_shared_id_is_found_with_those_that_share_it():
    exchanges = [headed(bytes([number])) for number in range(4)]
    assert ids_unique(exchanges, ["a", "b", "c", "d"], "X") is None
    finding = ids_unique(exchanges, ["a", "b", "c", "a"], "X")
    assert says(finding) == ("X is not unique", "4 requests with 4 different ids", "2 of them share 'a'")
    assert finding.exchanges == (exchanges[0], exchanges[3])


def test_absent_ids_are_another_judges_business():
    assert ids_unique([headed()] * 4, [None, None, "", " "], "X") is None


def test_white_space_around_an_id_makes_no_other():
    assert says(ids_unique([headed()] * 2, ["a", " a "], "X"))[2] == "2 of them share 'a'"


WANTED = "Content-Length with the number of bytes of the audio"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({}, ("the audio comes without its length", WANTED, "none")),
        (
            {"transfer_encoding": "chunked"},
            ("the audio comes without its length", WANTED, "none (Transfer-Encoding: chunked)"),
        ),
        ({"content_length": "x"}, ("the audio's length cannot be read", WANTED, "'x'")),
        ({"content_length": "-5"}, ("the audio's length cannot be read", WANTED, "'-5'")),
        ({"content_length": "4"}, ("Content-Length is not the number of bytes sent", "4 bytes", "5 bytes")),
    ],
)
def test_a_length_that_is_absent_odd_or_wrong_is_found(headers, found):
    assert says(content_length_present(headed(b"audio", **headers))) == found


def test_no_answer_has_no_length():
    assert says(content_length_present(UNANSWERED))[0] == "the audio did not arrive whole"


def test_the_right_length_passes_also_when_said_twice():
    assert content_length_present(headed(b"audio", content_length="5")) is None
    twice = Exchange(REQUEST, Answer(200, (("Content-Length", "5"), ("content-length", "5")), b"audio"))
    assert content_length_present(twice) is None


def test_two_different_lengths_are_found():
    different = Exchange(REQUEST, Answer(200, (("Content-Length", "5"), ("Content-Length", "6")), b"audio"))
    assert says(content_length_present(different))[2] == "'5', '6'"


def on_the_wire(
    body: bytes, length: str | None, ending: Ending = Ending.COMPLETE, surplus: bytes = b""
) -> WireExchange:
    headers = () if length is None else (("Content-Length", length),)
    wire = WireAnswer(200, headers, body, ending, surplus, Ending.CLOSED)
    return WireExchange(Exchange(REQUEST, wire.answer), wire)


def test_the_wire_shows_too_much_and_too_little():
    assert content_length_exact(on_the_wire(b"audio", "5")) is None
    cut = content_length_exact(on_the_wire(b"audi", "5", Ending.CLOSED))
    assert says(cut)[1:] == ("5 bytes", "4 bytes until the connection was closed")
    assert says(content_length_exact(on_the_wire(b"audi", "4", surplus=b"o")))[1:] == ("4 bytes", "5 bytes")
    assert says(content_length_exact(on_the_wire(b"audio", None)))[2] == "none"
    assert says(content_length_exact(WireExchange(UNANSWERED, None)))[2] == "connection reset"


def test_the_finding_says_how_the_answer_ended():
    finding = content_length_exact(on_the_wire(b"audi", "5", Ending.SILENT))
    assert finding is not None
    assert "silent" in finding.got


@pytest.mark.parametrize("length", ["0000005", "5", "05"])
def test_leading_zeros_are_legal(length: str) -> None:
    assert content_length_present(headed(b"audio", content_length=length)) is None
    assert content_length_exact(on_the_wire(b"audio", length)) is None


def test_two_spellings_of_one_length_are_one_length() -> None:
    twice = Exchange(REQUEST, Answer(200, (("Content-Length", "005"), ("Content-Length", "5")), b"audio"))
    assert content_length_present(twice) is None


def test_no_transfer_encoding_stands_beside_a_length() -> None:
    both = headed(b"audio", content_length="5", transfer_encoding="chunked")
    assert says(length_stands_alone(both))[1:] == (
        "no Transfer-Encoding beside Content-Length",
        "Transfer-Encoding: chunked",
    )
    for alone in (headed(b"audio", content_length="5"), headed(b"audio", transfer_encoding="chunked"), UNANSWERED):
        assert length_stands_alone(alone) is None

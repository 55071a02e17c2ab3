"""The values of an exchange: classes of status, headers in any letter case, and bodies shown to a person."""

from __future__ import annotations

import pytest

from conformance.http.exchange import Answer, Ending, Exchange, Request, WireAnswer, preview, upload_s

REQUEST = Request("POST", "http://gateway.test/v1/audio/speech", (("Content-Type", "a/b"), ("content-type", "c/d")))


def answered(status: int, body: bytes = b"", **headers: str) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(REQUEST, Answer(status, named, body))


@pytest.mark.parametrize(
    ("status", "success", "error", "over_limit"),
    [
        (100, False, False, False),
        (200, True, False, False),
        (299, True, False, False),
        (302, False, False, False),
        (404, False, True, False),
        (429, False, True, True),
        (503, False, True, False),
    ],
)
def test_the_class_of_a_status(status: int, *, success: bool, error: bool, over_limit: bool) -> None:
    exchange = answered(status)
    assert (exchange.is_success, exchange.is_error, exchange.over_limit) == (success, error, over_limit)


def test_no_answer_is_of_no_class() -> None:
    exchange = Exchange(REQUEST, None, "connection reset")
    assert (exchange.status, exchange.is_success, exchange.is_error, exchange.over_limit) == (None, False, False, False)
    assert exchange.got == "connection reset"


@pytest.mark.parametrize(
    ("status", "ending", "broken_off"),
    [
        (200, Ending.CLOSED, True),
        (206, Ending.RESET, True),
        (200, Ending.COMPLETE, False),
        (200, Ending.SILENT, False),
        (500, Ending.CLOSED, False),
    ],
)
def test_a_success_that_ends_early_is_broken_off(status: int, ending: Ending, *, broken_off: bool) -> None:
    """Silence is no visible end, and an error that breaks off is an error."""
    assert WireAnswer(status, (), b"x", ending).broken_off is broken_off


def test_the_first_header_counts_in_any_letter_case() -> None:
    assert REQUEST.header("CONTENT-TYPE") == "a/b"
    assert REQUEST.header("Accept") is None


def test_the_media_type_has_no_parameters_and_no_capitals() -> None:
    answer = answered(200, content_type="Application/JSON; charset=utf-8").answer
    assert answer
    assert answer.media_type == "application/json"


@pytest.mark.parametrize("body", [b"", b"[]", b"hello", b"\xff", b'{"a"'])
def test_what_is_no_object_is_an_empty_document(body: bytes) -> None:
    assert Answer(200, (), body).document() == {}


def test_text_is_shown_as_it_is_and_cut_at_the_limit() -> None:
    assert preview("Grüße".encode()) == "Grüße"
    assert preview(b"abcdef", 3) == "abc… (6 bytes)"


def test_bytes_are_shown_by_size_digest_and_beginning() -> None:
    assert preview(b"\x00\x01") == "<2 bytes, sha256 b413f47d13ee2fe6, begins 00 01>"


def test_a_large_body_is_given_its_time() -> None:
    assert upload_s(b"") == 0
    assert upload_s(b"x" * 500_000) == 2.0

"""What a gateway that hands on loses or makes up is told, with what the provider had said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance.http.exchange import Answer, Exchange, Headers, Request
from conformance.judge.upstream.transparency import (
    carries_in_a_header,
    error_named,
    has_every_member,
    has_headers_like,
    keeps_retry_after,
    status_of_class,
)
from conformance.mock.calls import RecordedCall, SentResponse


def answered(document: Any, status: int = 200, headers: Headers = ()) -> Exchange:
    request = Request("POST", "http://gateway/audio", (), b"")
    return Exchange(request, Answer(status, headers, json.dumps(document).encode()))


@pytest.mark.parametrize(
    ("provided", "got", "right"), [(404, 400, True), (503, 502, True), (404, 500, False), (500, 200, False)]
)
def test_a_status_keeps_its_class(provided: int, got: int, *, right: bool) -> None:
    """Which of the class does not matter."""
    finding = status_of_class(answered({}, got), provided, because="x")
    assert (finding is None) is right
    assert finding is None or finding.expected == f"a {provided // 100}xx status"


def test_an_errors_names_are_its_type_code_and_param() -> None:
    """The message may be another; a param that is null has to stay null."""
    error = {"type": "t", "code": "c", "param": None}
    assert error_named(answered({"error": {**error, "message": "Other."}}), "error", error, because="x") is None
    assert error_named(answered({"error": {**error, "param": "model"}}), "error", error, because="x") is not None
    assert error_named(answered({"detail": error}), "error", error, because="x") is not None


@pytest.mark.parametrize(
    ("provided", "got", "kept"),
    [
        ("7", "7", True),
        ("7", "8", False),
        ("7", None, False),
        ("7", "Thu, 01 Jan 1970 00:01:47 GMT", True),
        ("7", "Thu, 01 Jan 1970 00:02:47 GMT", False),
        ("Thu, 01 Jan 1970 00:10:00 GMT", "500", True),
        ("Thu, 01 Jan 1970 00:10:00 GMT", "600", False),
        ("Thu, 01 Jan 1970 00:10:00 GMT", "Thu, 01 Jan 1970 00:10:09 GMT", False),
        ("Thu, 01 Jan 1970 00:10:00 GMT", "later", False),
    ],
)
def test_a_retry_after_may_be_told_in_its_other_form(provided: str, got: str | None, *, kept: bool) -> None:
    """Seconds from now, or a date: the description has seconds alone, so that who turns a date into them does well."""
    exchange = answered({}, 429, (("retry-after", got),) if got else ())
    assert (keeps_retry_after(exchange, provided, 100.0, because="x") is None) is kept


def test_an_id_is_looked_for_in_all_headers() -> None:
    """By its value, under any name."""
    exchange = answered({}, headers=(("x-upstream", "id=req_1"),))
    assert carries_in_a_header(exchange, "req_1", "the id", because="x") is None
    assert carries_in_a_header(exchange, "req_2", "the id", because="x") is not None


def test_every_member_of_the_provider_has_to_be_there() -> None:
    """More members may be; the first that is lost or changed is told."""
    text = json.dumps({"text": "a", "further": {"deep": [1, None]}})
    sent = SentResponse(status=200, content_type="application/json", size=len(text), sha256="", text=text)
    call = RecordedCall(position=1, method="POST", path="/", response=sent)
    assert (
        has_every_member(answered({"text": "a", "further": {"deep": [1, None]}, "more": 1}), call, because="x") is None
    )
    finding = has_every_member(answered({"text": "a"}), call, because="x")
    assert finding
    assert finding.got == "no further"


def test_what_is_left_of_a_limit_is_told() -> None:
    """Whatever it is: a gateway has limits of its own."""
    exchange = answered({}, headers=(("x-ratelimit-limit-requests", "5"), ("x-ratelimit-reset-requests", "1s")))
    assert has_headers_like(exchange, ["x-ratelimit-limit-requests"], because="x") is None
    finding = has_headers_like(exchange, ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests"], because="x")
    assert finding
    assert finding.got == "no x-ratelimit-remaining-requests"

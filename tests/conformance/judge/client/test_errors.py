"""The judge of error answers: every legal form passes, every fault is found."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judge.client.errors import enveloped
from tests.conformance.judge.answers import answered, answered_json, unanswered
from tests.conformance.judge.findings import says

GOOD = {"error": {"message": "No model.", "type": "invalid_request_error"}}


@pytest.mark.parametrize(
    ("document", "media_type"),
    [
        (GOOD, "application/json"),
        (GOOD, "Application/JSON; charset=utf-8"),
        (GOOD, "application/problem+json"),
        ({**GOOD, "request_id": "r"}, "application/json"),
        ({"error": {**GOOD["error"], "param": None, "code": 17, "details": []}}, "application/json"),
    ],
)
def test_every_legal_envelope_is_accepted(document: Any, media_type: str) -> None:
    """Further members, other codes and a charset are the gateway's own affair."""
    assert enveloped(answered_json(400, document, media_type=media_type), "error", because="x") is None


@pytest.mark.parametrize(
    ("document", "media_type", "problem"),
    [
        (GOOD, "text/plain", "text/plain"),
        ({"error": "No model."}, "application/json", "no object"),
        ({"message": "No model."}, "application/json", "no object"),
        ([GOOD], "application/json", "no object"),
        ({"error": {"message": "", "type": "t"}}, "application/json", "error.message"),
        ({"error": {"message": "  ", "type": "t"}}, "application/json", "error.message"),
        ({"error": {"message": ["m"], "type": "t"}}, "application/json", "error.message"),
        ({"error": {"message": "m"}}, "application/json", "error.type"),
        ({"error": {"message": "m", "type": None}}, "application/json", "error.type"),
    ],
)
def test_a_broken_envelope_is_found(document: Any, media_type: str, problem: str) -> None:
    """The finding names what is wrong with it."""
    finding = enveloped(answered_json(400, document, media_type=media_type), "error", because="x")
    message, expected, got = says(finding)
    assert message.startswith("x: ")
    assert problem in message
    assert expected == 'application/json with {"error": {"message": a non-empty string, "type": a non-empty string}}'
    assert got.startswith("400 ")


@pytest.mark.parametrize(
    ("exchange", "problem"),
    [
        (answered(400, b"<html>", headers={"Content-Type": "text/html"}), "the error is labelled text/html, not JSON"),
        (answered(500), "the error is labelled nothing, not JSON"),
        (unanswered(), "no answer"),
    ],
)
def test_what_is_no_json_is_found(exchange: Any, problem: str) -> None:
    """HTML, an empty body and no answer at all are no envelope."""
    assert says(enveloped(exchange, "error", because="x"))[0] == f"x: {problem}"


def test_the_contract_names_the_member() -> None:
    exchange = answered_json(400, {"fault": GOOD["error"]})
    assert enveloped(exchange, "fault", because="x") is None
    assert says(enveloped(exchange, "error", because="x"))[0] == "x: the body has no object under `error`"

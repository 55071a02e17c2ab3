"""The judge of error answers: every legal form passes, every fault is found."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.judge.client.errors import enveloped, has_request_id, ids_unique, request_id_of
from tests.conformance.judge.answers import answered, answered_json, unanswered

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
    assert enveloped(answered_json(400, document, media_type=media_type), because="x") is None


@pytest.mark.parametrize(
    ("document", "media_type", "says"),
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
def test_a_broken_envelope_is_found(document: Any, media_type: str, says: str) -> None:
    """The finding names what is wrong with it."""
    finding = enveloped(answered_json(400, document, media_type=media_type), because="x")
    assert finding is not None
    assert says in finding.message


@pytest.mark.parametrize("exchange", [answered(400, b"<html>"), answered(500), unanswered()])
def test_what_is_no_json_is_found(exchange: Any) -> None:
    """HTML, an empty body and no answer at all are no envelope."""
    assert enveloped(exchange, because="x") is not None


def test_a_request_id_is_found_in_any_letter_case() -> None:
    """Header names have no letter case; a blank value is none."""
    assert has_request_id(answered(401, headers={"x-request-id": "abc"}), because="x") is None
    assert has_request_id(answered(401, headers={"X-Request-ID": " "}), because="x") is not None
    assert has_request_id(answered(401), because="x") is not None
    assert has_request_id(unanswered(), because="x") is not None


def test_ids_that_repeat_are_found_and_absent_ones_are_not_compared() -> None:
    """Two answers without an id do not share one."""
    ids = ["a", "b", "", "", "c"]
    exchanges = [answered(400, headers={"X-Request-Id": given}) for given in ids]
    assert ids_unique(exchanges, map(request_id_of, exchanges), because="x") is None
    finding = ids_unique([*exchanges, exchanges[1]], [*ids, "b"], because="x")
    assert finding is not None
    assert finding.got == "b"
    assert len(finding.exchanges) == 2

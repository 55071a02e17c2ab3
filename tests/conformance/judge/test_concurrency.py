"""The judge of concurrency: the answer that belongs to the request, and no other."""

from __future__ import annotations

import hashlib

import pytest

from conformance.judge.concurrency import failed_in_the_crowd, own_audio, own_call, own_text
from tests.conformance.judge.answers import answered, answered_json, unanswered


def call(body: bytes) -> dict[str, object]:
    return {"answer": {"sha256": hashlib.sha256(body).hexdigest()}}


def test_the_providers_own_bytes_are_accepted_and_others_found() -> None:
    """One byte less is another's audio, too."""
    assert own_audio(answered(200, b"mine"), call(b"mine")) is None
    for body in (b"other", b"min", b""):
        assert own_audio(answered(200, body), call(b"mine")) is not None
    assert own_audio(unanswered(), call(b"mine")) is not None
    assert own_audio(answered(200, b"mine"), {"answer": None}) is not None


def test_the_own_text_is_accepted_and_others_found() -> None:
    """Also where a document has no text, or no document came."""
    assert own_text(answered_json(200, {"text": "What 1 said.", "request_id": "r"}), "What 1 said.") is None
    for exchange in (answered_json(200, {"text": "What 2 said."}), answered_json(200, {}), answered(200), unanswered()):
        assert own_text(exchange, "What 1 said.") is not None


@pytest.mark.parametrize("status", [500, 502, 400, 404])
def test_an_error_among_many_is_found(status: int) -> None:
    """A valid request does not become an error because others are in flight."""
    assert failed_in_the_crowd(answered(status)) is not None


@pytest.mark.parametrize("status", [200, 429, 503])
def test_a_gateway_that_lets_in_only_so_many_is_not_accused(status: int) -> None:
    """Being held off is not failing; nor is a connection that was not taken."""
    assert failed_in_the_crowd(answered(status)) is None
    assert failed_in_the_crowd(unanswered()) is None


def test_an_answer_that_nobody_asked_the_provider_for_is_found() -> None:
    """Somebody else's audio, or audio from nowhere."""
    assert own_call(answered(200, b"audio"), []) is not None
    assert own_call(answered(200, b"audio"), [call(b"audio")]) is None
    assert own_call(answered(429), []) is None

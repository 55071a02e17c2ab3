"""Recorded calls are decoded from the control API's JSON, whatever a newer mock adds to it."""

from __future__ import annotations

import json

import msgspec

from conformance.http.bodies import Upload
from conformance.mock.calls import RecordedCall
from tests.conformance.judge.calls import call, file_of, form_call, response

WIRE = json.dumps(
    {
        "position": 7,
        "method": "POST",
        "path": "/v1/audio/speech",
        "fields": [["input", "a \ud83d"], ["speed", 1.5], ["input", None]],
        "headers": [["host", "mock"]],
        "body_kind": "json",
        "answer": {"status": 200, "content_type": "text/plain", "size": 1, "sha256": "ab", "text": "x", "later": 1},
        "some_later_member": {"a": 1},
    }
)


def test_members_of_the_wire_become_attributes_and_unknown_ones_are_ignored() -> None:
    """A lone surrogate, which a client may send, is kept."""
    seen = msgspec.convert(json.loads(WIRE), RecordedCall)
    assert (seen.position, seen.encoding, seen.is_form) == (7, "json", False)
    assert seen.fields == (("input", "a \ud83d"), ("speed", 1.5), ("input", None))
    assert (seen.file, seen.model, seen.query) == (None, None, {})
    assert seen.response_text == "x"


def test_its_plain_form_is_the_wires() -> None:
    """Reports show a call as the mock does."""
    plain = msgspec.to_builtins(form_call(("prompt", "x")))
    assert plain["body_kind"] == "multipart"
    assert plain["answer"]["status"] == 200
    assert msgspec.convert(plain, RecordedCall) == form_call(("prompt", "x"))


def test_only_json_has_values_that_are_no_text() -> None:
    assert form_call().is_form
    assert call(body_kind=None).is_form
    assert not call().is_form


def test_the_text_of_a_response_is_empty_where_there_is_none() -> None:
    assert call(answer=None).response_text == ""
    assert call(answer=response(b"\xff")).response_text == ""
    assert call(answer=response("Well.")).response_text == "Well."


def test_a_response_says_whether_the_call_was_served() -> None:
    for status, success, error in ((200, True, False), (204, True, False), (302, False, False), (404, False, True)):
        sent = call(answer=response(status=status)).response
        assert sent
        assert (sent.is_success, sent.is_error) == (success, error)
    failed = call(answer=response(status=500)).response
    assert failed
    assert failed.is_error


def test_a_file_is_shown_by_size_and_digest() -> None:
    upload = Upload(b"RIFF")
    assert str(form_call(file=file_of(upload)).file) == f"4 bytes, sha256 {upload.digest[:16]}"

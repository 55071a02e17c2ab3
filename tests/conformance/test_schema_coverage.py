"""What a run has exercised of openapi.yaml: what was sent or seen counts, and nothing else does."""

import json
from typing import Any

import pytest

from conformance.bodies import Body, Upload, json_body, transcript_multipart
from conformance.exchange import Answer, Exchange, Request
from conformance.schema_coverage import KINDS, MEDIA_TYPES, PROPERTIES, STATUSES, VALUES, Coverage

BASE = "http://127.0.0.1:1/some/base/v1"
SPEECH = "POST /audio/speech application/json"


def seen(body: Body, path: str = "/audio/speech", status: int | None = 200, method: str = "POST") -> dict[str, Any]:
    request = Request(method, BASE + path, (("Content-Type", body.content_type),), body.data)
    coverage = Coverage()
    coverage.note(Exchange(request, None if status is None else Answer(status, (), b"")))
    return coverage.summary()


def reached(summary: dict[str, Any], kind: str) -> int:
    count: int = summary["counts"][kind]["reached"]
    return count


def test_nothing_is_reached_before_anything_is_sent() -> None:
    summary = Coverage().summary()

    assert [reached(summary, kind) for kind in KINDS] == [0] * len(KINDS)
    assert len(summary["not_reached"]) == sum(count["known"] for count in summary["counts"].values())


def test_a_property_counts_as_sent_and_its_absence_as_left_out() -> None:
    """A value that the contract names is one to reach; any other is not."""
    summary = seen(json_body({"model": "tts-1", "input": "x", "response_format": "flac", "unknown": 1}))

    missing = summary["not_reached"]
    assert reached(summary, PROPERTIES) == 3
    assert f"{VALUES}: {SPEECH} response_format: flac" not in missing
    assert f"{VALUES}: {SPEECH} response_format: opus" in missing
    assert f"{VALUES}: {SPEECH} voice: left out" not in missing
    assert f"{VALUES}: {SPEECH} response_format: left out" in missing


def test_a_form_and_nested_properties_are_read_too() -> None:
    upload = Upload(b"RIFF", "a.wav", "audio/wav")
    form = seen(
        transcript_multipart(upload, {"model": "w", "timestamp_granularities": ["word"]}), "/audio/transcriptions"
    )
    nested = seen(json_body({"model": "w", "audio": {"data": "UklGRg=="}}), "/audio/translations")

    place = "POST /audio/transcriptions multipart/form-data"
    assert f"{PROPERTIES}: {place} file" not in form["not_reached"]
    assert f"{VALUES}: {place} timestamp_granularities[]: word" not in form["not_reached"]
    assert f"{VALUES}: {place} timestamp_granularities[]: segment" in form["not_reached"]
    assert f"{PROPERTIES}: POST /audio/translations application/json audio.data" not in nested["not_reached"]
    assert f"{PROPERTIES}: POST /audio/translations application/json audio.fileName" in nested["not_reached"]


@pytest.mark.parametrize(("status", "named"), [(400, "400"), (404, "4XX"), (500, "500")])
def test_a_status_counts_under_the_name_that_the_contract_has_for_it(status: int, named: str) -> None:
    summary = seen(json_body({}), status=status)

    assert f"{STATUSES}: POST /audio/speech {named}" not in summary["not_reached"]
    assert reached(summary, STATUSES) == 1
    assert summary["undocumented"] == []


def test_a_status_that_the_contract_does_not_name_is_told() -> None:
    assert seen(json_body({}), status=502)["undocumented"] == ["POST /audio/speech 502"]


def test_what_is_no_operation_or_got_no_answer_reaches_no_more_than_it_did() -> None:
    """Another path or method reaches nothing; a body of another kind and a lost answer only what was sent."""
    assert reached(seen(json_body({}), "/audio/other"), "operations") == 0
    assert reached(seen(json_body({}), method="GET"), "operations") == 0
    other = seen(Body(b"{}", "text/plain"), status=None)
    assert [reached(other, kind) for kind in KINDS] == [1, 0, 0, 0, 0]


def test_a_body_that_is_large_or_broken_is_not_looked_into() -> None:
    """Its media type counts all the same."""
    for body in (json_body({"input": "x" * 70_000}), Body(b"{", "application/json")):
        summary = seen(body)
        assert (reached(summary, MEDIA_TYPES), reached(summary, PROPERTIES), reached(summary, VALUES)) == (1, 0, 0)


def test_nothing_of_a_request_but_names_of_the_contract_is_kept() -> None:
    summary = seen(json_body({"model": "secret-model", "input": "secret text", "voice": "secret voice"}))
    assert "secret" not in json.dumps(summary)

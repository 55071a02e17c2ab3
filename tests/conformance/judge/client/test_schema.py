"""Responses by the schemas of the contract's OpenAPI document: only what was served is judged."""

import json
from typing import Any

import pytest

from conformance import contracts
from conformance.http.exchange import Answer, Exchange, Request
from conformance.judge.client.schema import has_the_shape_of_its_schema

CONTRACT = contracts.load()
TRANSCRIPT = {"text": "hello", "request_id": "req_1"}
AUDIO = b"ID3 audio"


def answered(body: bytes, status: int = 200, **headers: str) -> Exchange:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Exchange(Request("POST", "http://127.0.0.1:1/x"), Answer(status, named, body))


def spoken(**changes: str | None) -> Exchange:
    headers = {"content_type": "audio/mpeg", "x_request_id": "req_1", "content_length": str(len(AUDIO)), **changes}
    return answered(AUDIO, **{name: value for name, value in headers.items() if value is not None})


def transcript(document: Any, content_type: str = "application/json") -> Exchange:
    return answered(json.dumps(document).encode(), content_type=content_type)


def got(exchange: Exchange, route: str) -> str | None:
    """What the finding says that came; None for no finding."""
    finding = has_the_shape_of_its_schema(exchange, CONTRACT, route, because="a request")
    return finding and finding.got


def test_what_is_as_the_document_says_is_no_finding() -> None:
    """Audio with its headers; a transcript, with details or without."""
    assert got(spoken(), "speech") is None
    assert got(transcript(TRANSCRIPT), "transcriptions") is None
    assert got(transcript({**TRANSCRIPT, "language": "en", "duration": 1.5}), "translations") is None


def test_leading_zeros_of_a_length_are_legal() -> None:
    """As the other judge of it says."""
    assert got(spoken(content_length=f"000{len(AUDIO)}"), "speech") is None


@pytest.mark.parametrize("exchange", [answered(b"broken", 500), answered(b"", 400), Exchange(Request("POST", "x"))])
def test_what_was_not_served_is_judged_elsewhere(exchange: Exchange) -> None:
    """Error bodies are open in the contract."""
    assert got(exchange, "speech") is None
    assert got(exchange, "transcriptions") is None


@pytest.mark.parametrize(
    ("exchange", "problem"),
    [
        (spoken(content_type="text/html"), "Content-Type 'text/html'"),
        (spoken(content_type=None), "Content-Type None"),
        (spoken(x_request_id=" "), "no X-Request-Id"),
        (spoken(content_length="3"), "Content-Length '3' and 9 bytes"),
    ],
)
def test_audio_is_judged_by_its_headers(exchange: Exchange, problem: str) -> None:
    assert got(exchange, "speech") == problem


def test_the_finding_names_document_and_status() -> None:
    """What was expected is said in the contract's own names."""
    finding = has_the_shape_of_its_schema(spoken(content_type="text/html"), CONTRACT, "speech", because="a request")

    assert finding is not None
    assert finding.message == "a request: a 200 that is not as openapi.yaml says"
    assert finding.expected == "audio under one of its media types, with X-Request-Id and Content-Length"


@pytest.mark.parametrize(
    ("exchange", "problem"),
    [
        (transcript(TRANSCRIPT, "text/plain"), "Content-Type 'text/plain'"),
        (answered(b"{", content_type="application/json"), "no JSON"),
        (transcript({"text": "hello"}), "request_id"),
        (transcript({"text": 1, "request_id": "req_1"}), "1"),
        (transcript(["hello"]), "hello"),
    ],
)
def test_a_transcript_is_judged_by_its_schema(exchange: Exchange, problem: str) -> None:
    """The place in the document and what is wrong there."""
    found = got(exchange, "translations")

    assert found is not None
    assert problem in found

"""The outline of a document: all its coverage points, and which of them one exchange reaches."""

from typing import Any

from conformance.coverage.outline import make_outline
from conformance.coverage.points import Kind, Point
from conformance.http.exchange import Answer, Exchange, Request

BASE = "http://127.0.0.1:1/v1"
DOCUMENT: dict[str, Any] = {
    "paths": {
        "/say": {
            "post": {
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Words"}},
                        "multipart/form-data": {"schema": {"properties": {"file": {"type": "string"}}}},
                    }
                },
                "responses": {
                    "200": {"$ref": "#/components/responses/Audio"},
                    "4XX": {"content": {"application/json": {}}},
                    "503": {},
                },
            },
            "get": {"responses": {"default": {}}},
        }
    },
    "components": {
        "schemas": {"Words": {"properties": {"words": {"type": "string"}}, "additionalProperties": False}},
        "responses": {"Audio": {"content": {"audio/mpeg": {}, "*/*": {}}}},
    },
}
OUTLINE = make_outline(DOCUMENT)


def exchange(
    body: bytes = b'{"words": "x"}',
    status: int = 200,
    *,
    method: str = "POST",
    sent: str = "application/json",
    got: str = "audio/mpeg",
) -> Exchange:
    request = Request(method, f"{BASE}/say?x=1", (("Content-Type", sent),), body)
    return Exchange(request, Answer(status, (("Content-Type", got),), b""))


def reached(each: Exchange) -> set[str]:
    operation = OUTLINE.operation(BASE, each)
    assert operation is not None
    assert each.answer is not None
    found: set[Point] = set()
    operation.note(each.request, each.answer, found)
    return {str(point) for point in found}


def test_every_part_of_the_document_is_a_point_once() -> None:
    """In the document's order, references followed."""
    assert len(OUTLINE.points) == len(set(OUTLINE.points))
    for point in (
        Point(Kind.OPERATIONS, "GET /say"),
        Point(Kind.REQUEST_MEDIA_TYPES, "POST /say requestBody multipart/form-data"),
        Point(Kind.REQUEST_PROPERTIES, "POST /say requestBody application/json words"),
        Point(Kind.STATUSES, "POST /say responses 4XX"),
        Point(Kind.RESPONSE_MEDIA_TYPES, "POST /say responses 200 audio/mpeg"),
    ):
        assert point in OUTLINE.points


def test_an_exchange_reaches_both_what_was_sent_and_what_came() -> None:
    """Operation, media type, property, status and the media type of the response."""
    found = reached(exchange())

    assert {
        "operations: POST /say",
        "request media types: POST /say requestBody application/json",
        "request properties: POST /say requestBody application/json words",
        "statuses: POST /say responses 200",
        "response media types: POST /say responses 200 audio/mpeg",
    } <= found


def test_a_range_of_statuses_and_any_media_type_are_reached_by_what_they_hold() -> None:
    """The most exact name that the document has goes before a wider one."""
    assert "statuses: POST /say responses 4XX" in reached(exchange(status=422, got="application/json"))
    assert "response media types: POST /say responses 200 */*" in reached(exchange(got="audio/ogg"))


def test_a_body_that_is_none_is_a_point_of_its_own() -> None:
    """Left out, of another media type, or not to be read."""
    assert "values: POST /say requestBody left out" in reached(exchange(b""))
    assert "values: POST /say requestBody of another media type" in reached(exchange(sent="text/plain"))
    assert "values: POST /say requestBody that is no form or object" in reached(exchange(b"["))


def test_what_was_refused_unread_has_tried_nothing_in_its_body() -> None:
    """A refused token says nothing of the fields that stood beside it."""
    assert reached(exchange(status=401, got="application/json")) == {
        "operations: POST /say",
        "statuses: POST /say responses 4XX",
        "response media types: POST /say responses 4XX application/json",
    }


def test_what_the_document_does_not_name_is_said() -> None:
    """A status, or the media type of a known status."""
    operation = OUTLINE.operation(BASE, exchange())
    assert operation is not None

    assert operation.undocumented(Answer(500, (), b"")) == "POST /say responses 500"
    page = Answer(404, (("Content-Type", "text/html; charset=utf-8"),), b"")
    assert operation.undocumented(page) == "POST /say responses 404 text/html"
    assert operation.undocumented(Answer(200, (("Content-Type", "Audio/MPEG"),), b"")) == ""


def test_what_is_asked_elsewhere_is_no_operation() -> None:
    """Another method, another base URL."""
    assert OUTLINE.operation(BASE, exchange(method="PUT")) is None
    assert OUTLINE.operation("http://127.0.0.1:1/v2", exchange()) is None

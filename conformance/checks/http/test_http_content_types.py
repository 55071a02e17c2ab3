"""Content types: only the documented ones are read, and those in any spelling that HTTP allows."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import (
    IN_JSON,
    OPERATIONS_AND_ENCODINGS,
    TRANSCRIPT_OPERATIONS,
    valid_fields,
    valid_request,
    with_header,
)
from conformance.errors import Blocked
from conformance.http.bodies import Body, multipart_body
from conformance.http.exchange import Finding, Request
from conformance.judge.client.statuses import status_is

_BOUNDARY = "Conformance-AbC0123456789xYz"

# None of these is application/json or multipart/form-data, whatever they begin or end with.
_OTHERS = (
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "application/json-seq",
    "application/vnd.api+json",
    "text/json",
    "audio/wav",
)
_JSON_SPELLINGS = {
    "charset": "application/json; charset=utf-8",
    "charset-without-space": "application/json;charset=UTF-8",
    "mixed-case": "Application/Json",
    "upper-case": "APPLICATION/JSON; CHARSET=UTF-8",
    "two-parameters": 'application/json; profile="a;b"; charset="utf-8"',
}
_MULTIPART_SPELLINGS = {
    "without-space": f"multipart/form-data;boundary={_BOUNDARY}",
    "mixed-case": f"Multipart/Form-Data; boundary={_BOUNDARY}",
    "upper-case": f"MULTIPART/FORM-DATA; BOUNDARY={_BOUNDARY}",
    "quoted-boundary": f'multipart/form-data; boundary="{_BOUNDARY}"',
    "parameter-before": f"multipart/form-data; charset=utf-8; boundary={_BOUNDARY}",
    "parameter-after": f"multipart/form-data; boundary={_BOUNDARY}; charset=utf-8",
}


@each("route, form", OPERATIONS_AND_ENCODINGS, "http.{route}.content-type-absent")
def test_no_content_type_is_refused(case: Case, route: str, form: str) -> None:
    exchange = case.send(with_header(valid_request(case, route, form), "Content-Type", None))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unsupported-content-type"),
            because=f"{route} ({form} body) without a Content-Type",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "http.{route}.content-type-other")
@pytest.mark.parametrize("media_type", _OTHERS)
def test_another_content_type_is_refused(case: Case, route: str, form: str, media_type: str) -> None:
    exchange = case.send(with_header(valid_request(case, route, form), "Content-Type", media_type))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unsupported-content-type"),
            because=f"{route} with Content-Type {media_type}",
        )
    )


@each("route", ["speech"], "http.{route}.content-type-other")
def test_speech_as_a_form_is_refused(case: Case, route: str) -> None:
    form = multipart_body([(name, str(value)) for name, value in valid_fields(case, "speech").items()])
    exchange = case.post(route, form)
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unsupported-content-type"),
            because="speech as multipart/form-data, which only transcripts take",
        )
    )


@each("route", TRANSCRIPT_OPERATIONS, "http.{route}.content-type-other")
def test_a_recording_in_json_is_refused_where_there_is_no_such_form(case: Case, route: str) -> None:
    if case.contract.has(route, "json"):
        return
    because = f"{route} as application/json, which only speech takes"
    case.judge(
        case.answered(case.send(valid_request(case, route, "json")), "unsupported-content-type", because=because)
    )


@each("route", TRANSCRIPT_OPERATIONS, "http.{route}.content-type-other")
@pytest.mark.parametrize("media_type", ["multipart/mixed", "multipart/related"])
def test_another_multipart_type_is_refused(case: Case, route: str, media_type: str) -> None:
    request = valid_request(case, route, "multipart")
    spelled = (request.header("Content-Type") or "").replace("multipart/form-data", media_type)
    exchange = case.send(with_header(request, "Content-Type", spelled))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("unsupported-content-type"),
            because=f"{route} with Content-Type {media_type}",
        )
    )


@each("route, form", IN_JSON, "http.{route}.content-type-spelling")
@pytest.mark.parametrize("spelling", _JSON_SPELLINGS)
def test_json_in_any_spelling_is_accepted(case: Case, route: str, form: str, spelling: str) -> None:
    plain = valid_request(case, route, form)
    request = with_header(plain, "Content-Type", _JSON_SPELLINGS[spelling])
    case.judge(accepted(case, request, plain, because=f"{route} with Content-Type {_JSON_SPELLINGS[spelling]}"))


@each("route", TRANSCRIPT_OPERATIONS, "http.{route}.content-type-spelling")
@pytest.mark.parametrize("spelling", _MULTIPART_SPELLINGS)
def test_multipart_in_any_spelling_is_accepted(case: Case, route: str, spelling: str) -> None:
    request = spelled_form(case, route, _MULTIPART_SPELLINGS[spelling])
    plain = valid_request(case, route, "multipart")
    case.judge(accepted(case, request, plain, because=f"{route} with Content-Type {_MULTIPART_SPELLINGS[spelling]}"))


def accepted(case: Case, request: Request, plain: Request, *, because: str) -> Finding | None:
    """Sends a request that has to be served. Raises Blocked where the plain one, without its peculiarity, is not either."""
    exchange = case.send(request)
    finding = status_is(exchange, case.contract.statuses("served"), because=because)
    if finding and case.send(plain).status not in case.contract.statuses("served"):
        raise Blocked(f"a plain valid request is not served either: {exchange.got}", exchange)
    return finding


def spelled_form(case: Case, route: str, content_type: str) -> Request:
    """A valid form whose boundary has upper-case letters: who lowers the whole header loses it."""
    body = multipart_body([("model", case.transcription_model), ("file", case.upload())], boundary=_BOUNDARY)
    return case.request(route, Body(body.data, content_type))

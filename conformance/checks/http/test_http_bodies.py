"""Bodies that cannot be read are refused, whichever way they are broken."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS, OPERATIONS_AND_ENCODINGS, TRANSCRIPT_OPERATIONS, valid_body
from conformance.http.bodies import JSON_TYPE, Body, multipart_body, transcript_json, transcript_multipart
from conformance.judge.client.statuses import status_is

# Each takes the bytes of a valid JSON body; what it returns is no JSON.
_BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "last-byte-missing": lambda data: data[:-1],
    "cut-in-half": lambda data: data[: len(data) // 2],
    "something-after-it": lambda data: data + b"}",
    "two-documents": lambda data: data + data,
    "single-quotes": lambda data: data.replace(b'"', b"'"),
    "bare-word": lambda _: b"hello",
    "form-encoded": lambda _: b"model=tts-1&input=hello",
    "white-space": lambda _: b" \r\n ",
    "control-bytes": lambda _: bytes(range(1, 32)),
    "not-utf-8": lambda data: data.replace(b'"model"', b'"instructions": "\xff\xfe", "prompt": "\xff", "model"'),
    "utf-8-cut-short": lambda data: data.replace(b'"model"', b'"instructions": "\xe2\x82", "prompt": "\xc3", "model"'),
}
_NO_OBJECTS: dict[str, Callable[[bytes], bytes]] = {
    "empty-list": lambda _: b"[]",
    "list-of-the-object": lambda data: b"[" + data + b"]",
    "string": lambda _: b'"hello"',
    "encoded-twice": lambda data: json.dumps(data.decode("utf-8")).encode(),
    "null": lambda _: b"null",
    "number": lambda _: b"12",
    "true": lambda _: b"true",
}


@each("route", OPERATIONS, "http.{route}.json-malformed")
@pytest.mark.parametrize("kind", _BREAKS)
def test_what_is_not_json_is_refused(case: Case, route: str, kind: str) -> None:
    body = Body(_BREAKS[kind](valid_body(case, route, "json").data), JSON_TYPE)
    case.judge(
        status_is(
            case.post(route, body),
            case.contract.statuses("unreadable-body"),
            because=f"{route}: a body that is no JSON ({kind})",
        )
    )


@each("route", OPERATIONS, "http.{route}.json-no-object")
@pytest.mark.parametrize("kind", _NO_OBJECTS)
def test_json_that_is_no_object_is_refused(case: Case, route: str, kind: str) -> None:
    body = Body(_NO_OBJECTS[kind](valid_body(case, route, "json").data), JSON_TYPE)
    case.judge(
        status_is(
            case.post(route, body),
            case.contract.statuses("unreadable-body"),
            because=f"{route}: JSON that is no object ({kind})",
        )
    )


@each("route, form", OPERATIONS_AND_ENCODINGS, "http.{route}.empty-body")
def test_an_empty_body_is_refused(case: Case, route: str, form: str) -> None:
    body = Body(b"", valid_body(case, route, form).content_type)
    case.judge(
        status_is(
            case.post(route, body),
            case.contract.statuses("unreadable-body"),
            because=f"{route} ({form}): an empty body",
        )
    )


def _cut_in_the_file(case: Case) -> Body:
    """The form breaks off inside the file, so that no delimiter says where the file ends."""
    upload = case.upload()
    whole = multipart_body([("model", case.transcription_model), ("file", upload)])
    return Body(whole.data[: len(whole.data) - len(upload.data) // 2], whole.content_type)


def _cut_in_a_head(case: Case) -> Body:
    whole = multipart_body([("model", case.transcription_model), ("file", case.upload())])
    return Body(whole.data[: whole.data.index(b"filename")], whole.content_type)


def _whole_but(content_type: str) -> Callable[[Case], Body]:
    return lambda case: Body(
        transcript_multipart(case.upload(), {"model": case.transcription_model}).data, content_type
    )


_BROKEN_FORMS: dict[str, Callable[[Case], Body]] = {
    "cut-in-the-file": _cut_in_the_file,
    "cut-in-a-head": _cut_in_a_head,
    "no-boundary": _whole_but("multipart/form-data"),
    "empty-boundary": _whole_but("multipart/form-data; boundary="),
    "other-boundary": _whole_but("multipart/form-data; boundary=not-the-one-inside"),
    "no-form-at-all": lambda _: Body(b"hello", "multipart/form-data; boundary=hello-there"),
    "json-inside": lambda case: Body(
        transcript_json(case.upload(), {"model": case.transcription_model}).data,
        "multipart/form-data; boundary=hello-there",
    ),
}


@each("route", TRANSCRIPT_OPERATIONS, "http.{route}.multipart-malformed")
@pytest.mark.parametrize("kind", _BROKEN_FORMS)
def test_a_malformed_form_is_refused(case: Case, route: str, kind: str) -> None:
    exchange = case.post(route, _BROKEN_FORMS[kind](case))
    case.judge(
        status_is(
            exchange, case.contract.statuses("unreadable-body"), because=f"{route}: a malformed multipart form ({kind})"
        )
    )

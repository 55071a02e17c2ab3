"""Faults that many mutants are made of."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from tests.mutants.behind import Told, misreports
from tests.mutants.conditions import SERVED, When, asked, on
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import FORM, JSON, Answer, Asked, error_answer
from tests.mutants.fault import Fault


def replies(code: int, when: When) -> Fault:
    """An error of this status, whatever the gateway would have said."""
    return instead(lambda _: error_answer(code), when)


def restated(code: int, when: When) -> Fault:
    """The gateway's own answer under another status."""
    return answers(lambda _, answer: answer.with_status(code), when)


def filled(when: When, **fields: Any) -> Fault:
    """Fields of the request are put in, replaced, or (ABSENT) taken away."""
    return requests(lambda request: request.with_fields(**fields), when)


def headed(name: str, value: str | None, when: When) -> Fault:
    """A header of the answer is replaced, or (None) lost."""

    def change(_: Asked, answer: Answer) -> Answer:
        return answer.without_header(name) if value is None else answer.with_header(name, value)

    return answers(change, when)


def retold(change: Callable[[Asked, dict[str, Any]], Any], when: When) -> Fault:
    """The JSON object of an answer is changed."""

    def rewrite(request: Asked, answer: Answer) -> Answer:
        document = answer.document
        return answer.with_document(change(request, document)) if isinstance(document, dict) else answer

    return answers(rewrite, when)


def reworded(change: Callable[[str], str], when: When) -> Fault:
    """The text of a transcript is changed."""
    return retold(lambda _, document: {**document, "text": change(document.get("text", ""))}, when & SERVED)


def transcript(text: str = "") -> Answer:
    """A transcript that no provider gave."""
    body = {"text": text, "request_id": "req_made_up"}
    return Answer(200, (("content-type", JSON), ("x-request-id", "req_made_up"))).with_document(body)


def swallows(provider: Callable[[Told], Any], route: str, text: str = "") -> Fault:
    """A provider's failure becomes an empty transcript."""
    return misreports(provider, lambda _, __: transcript(text), on(route))


def upload(request: Asked) -> bytes:
    """The recording of either form, or nothing."""
    if request.media_type == FORM:
        return request.file.value if request.file else b""
    audio = request.get("audio")
    data = audio.get("data") if isinstance(audio, dict) else None
    try:
        return base64.b64decode(data, validate=True) if isinstance(data, str) else b""
    except (binascii.Error, ValueError):
        return b""


def uploads(test: Callable[[bytes], Any]) -> When:
    """The recording passes the test."""
    return asked(lambda request: test(upload(request)))


def with_upload(request: Asked, data: bytes) -> Asked:
    """The same request with another recording."""
    if request.media_type == FORM:
        parts = [_with_value(each, data) if each.name == "file" else each for each in request.parts]
        return request.with_parts(parts)
    audio = request.get("audio")
    return request.with_fields(audio={**audio, "data": base64.b64encode(data).decode()})


def _with_value(part: Any, value: bytes) -> Any:
    return type(part)(part.name, value, part.file_name, part.content_type)

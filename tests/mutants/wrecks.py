"""Gateways that are broken as a whole, as strangers have them: each does one thing wrong, and that everywhere."""

from __future__ import annotations

from tests.mutants.conditions import asked
from tests.mutants.edge import answers, instead, requests
from tests.mutants.exchange import ABSENT, FORM, JSON, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault
from tests.mutants.place import LIMITED, TOKEN

_OPTIONAL = ("response_format", "speed", "instructions", "language", "prompt", "temperature", "timestamp_granularities")
_TEXTS = ("text", "srt", "vtt")


def _wrapped(_: Asked, answer: Answer) -> Answer:
    """A document of srt, vtt or text under `text`, as one who knows but JSON writes it."""
    return answer.with_document({"text": answer.body.decode("utf-8", "replace")}).with_header("content-type", JSON)


def _let_in(request: Asked) -> Asked:
    """The request of somebody who is known, whoever sent it."""
    known = {f"Bearer {token}" for token in (TOKEN, *LIMITED.values())}
    return (
        request if request.header("authorization") in known else request.with_header("authorization", f"Bearer {TOKEN}")
    )


def _plain(request: Asked) -> Asked:
    """Without a field that may be left out."""
    if request.media_type != FORM:
        return request.with_fields(**dict.fromkeys((*_OPTIONAL, "timestamp_granularities[]"), ABSENT))
    kept = [part for part in request.parts if part.name.removesuffix("[]") not in _OPTIONAL]
    return request.with_parts(kept) if request.parts else request


def _restated(status: int) -> Fault:
    return answers(lambda _, answer: answer.with_status(status) if answer.status >= 400 else answer)


WRECKS: dict[str, Fault] = {
    "json-to-everything": instead(lambda _: Answer(200, (("content-type", JSON),)).with_document({"ok": True})),
    "page-to-everything": instead(
        lambda _: Answer(200, ()).with_body(b"<!doctype html><title>Welcome</title>", "text/html")
    ),
    "failure-to-everything": instead(lambda _: Answer(500, ()).with_body(b"Internal Server Error", "text/plain")),
    "documents-as-json": answers(
        _wrapped, asked(lambda request: request.route in TRANSCRIPTS and request.get("response_format") in _TEXTS)
    ),
    "no-authentication": requests(_let_in),
    "errors-as-500": _restated(500),
    "errors-as-200": _restated(200),
    "one-label-for-all": answers(lambda _, answer: answer.with_header("content-type", "application/octet-stream")),
    "drops-what-is-optional": requests(_plain, asked(lambda request: bool(request.route))),
}

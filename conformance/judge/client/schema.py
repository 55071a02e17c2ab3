"""Answers held against the schemas of ``openapi.yaml``. Only a 200 is: error bodies are open in the contract."""

from __future__ import annotations

from functools import cache
from typing import Any

import jsonschema

from conformance.audio import format_of_media_type
from conformance.contracts import Contract
from conformance.http.exchange import Answer, Exchange, Finding
from conformance.judge.client.headers import REQUEST_ID


def has_the_shape_of_its_schema(exchange: Exchange, contract: Contract, route: str, *, because: str) -> Finding | None:
    """A 200 is what the contract describes: audio under a known name with its headers, or a transcript."""
    if exchange.answer is None or exchange.answer.status != 200:
        return None
    problem = (
        _audio_problem(exchange.answer)
        if contract.operations[route].gives_audio
        else _transcript_problem(exchange.answer, contract)
    )
    if not problem:
        return None
    return Finding(f"{because}: a 200 that is not as openapi.yaml says", _EXPECTED[route], problem, (exchange,))


_EXPECTED = {
    "speech": "audio under one of its media types, with X-Request-Id and Content-Length",
    "transcriptions": "application/json with text and request_id",
    "translations": "application/json with text and request_id",
}


def _audio_problem(answer: Answer) -> str:
    if format_of_media_type(answer.header("content-type") or "") is None:
        return f"Content-Type {answer.header('content-type')!r}"
    if not (answer.header(REQUEST_ID) or "").strip():
        return f"no {REQUEST_ID}"
    if answer.header("content-length") != str(len(answer.body)) or not answer.body:
        return f"Content-Length {answer.header('content-length')!r} and {len(answer.body)} bytes"
    return ""


def _transcript_problem(answer: Answer, contract: Contract) -> str:
    if answer.media_type != "application/json":
        return f"Content-Type {answer.header('content-type')!r}"
    try:
        document = answer.json()
    except ValueError as error:
        return f"no JSON: {error}"
    problem = jsonschema.exceptions.best_match(_transcript_schema(contract).iter_errors(document))
    return f"{problem.json_path}: {problem.message[:200]}" if problem else ""


@cache
def _transcript_schema(contract: Contract) -> Any:
    schema = {"$ref": "#/components/schemas/Transcript", "components": contract.document.load()["components"]}
    return jsonschema.Draft202012Validator(schema)

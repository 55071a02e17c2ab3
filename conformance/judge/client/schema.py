"""Responses by the schemas of the contract's OpenAPI document. Only a success is: error bodies are open in the contract."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any

import jsonschema

from conformance.audio import format_of_media_type
from conformance.contracts import Contract
from conformance.contracts.openapi import resolver
from conformance.http.exchange import Answer, Exchange, Finding
from conformance.judge.client.headers import declared_length

_JSON = "application/json"


def has_the_shape_of_its_schema(exchange: Exchange, contract: Contract, route: str, *, because: str) -> Finding | None:
    """What was served is what the contract describes: audio under a known name with its headers, or a transcript."""
    if exchange.answer is None or exchange.answer.status not in contract.statuses("served"):
        return None
    audio = contract.operations[route].gives_audio
    problem = (_audio_problem if audio else _transcript_problem)(exchange.answer, contract, route)
    if not problem:
        return None
    message = f"{because}: a {exchange.status} that is not as {contract.document.path.name} says"
    return Finding(
        message, _expected_audio(contract) if audio else _expected_transcript(contract), problem, (exchange,)
    )


def _expected_audio(contract: Contract) -> str:
    names = {"request-id": contract.names.request_id_header, "content-length": "Content-Length"}
    headers = " and ".join(names[each] for each in contract.audio_headers)
    return f"audio under one of its media types{f', with {headers}' if headers else ''}"


def _expected_transcript(contract: Contract) -> str:
    shape, names = contract.transcript(), contract.names
    members = " and ".join(name for name in (names.text, names.request_id) if name)
    return f"{' or '.join(shape.media_types)}{f' with {members}' if shape.kind == 'object' else ''}"


def _audio_problem(answer: Answer, contract: Contract, _: str) -> str:
    request_id = contract.names.request_id_header
    known = answer.media_type in contract.audio_labels
    if not known and format_of_media_type(answer.header("content-type") or "") is None:
        return f"Content-Type {answer.header('content-type')!r}"
    if "request-id" in contract.audio_headers and not (answer.header(request_id) or "").strip():
        return f"no {request_id}"
    if _lacks_its_length(answer, promised="content-length" in contract.audio_headers):
        return f"Content-Length {answer.header('content-length')!r} and {len(answer.body)} bytes"
    return ""


def _lacks_its_length(answer: Answer, *, promised: bool) -> bool:
    """Whether there is no audio, or a length that is not its own, or none where it is promised."""
    if answer.header("content-length") is None:
        return promised or not answer.body
    return declared_length(answer) != len(answer.body) or not answer.body


def _transcript_problem(answer: Answer, contract: Contract, route: str) -> str:
    shape = contract.transcript()
    if answer.media_type in contract.document_media_types:
        return ""
    if answer.media_type not in shape.media_types:
        return f"Content-Type {answer.header('content-type')!r}"
    if shape.kind == "document":
        return ""
    try:
        document = answer.json()
    except ValueError as error:
        return f"no JSON: {error}"
    problem = next(_validator(contract, route, answer.status).iter_errors(document), None)
    if problem is None:
        return ""
    problem = _nearest(problem)
    return f"{problem.json_path}: {problem.message[:200]}"


def _nearest(problem: jsonschema.ValidationError) -> jsonschema.ValidationError:
    """Of a document that is none of several kinds: what keeps it from being the kind of which it lacks least."""
    if not problem.context:
        return problem
    kinds: defaultdict[object, list[jsonschema.ValidationError]] = defaultdict(list)
    for each in problem.context:
        kinds[each.schema_path[0]].append(each)
    return _nearest(min(kinds.values(), key=len)[0])


@cache
def _validator(contract: Contract, route: str, status: int) -> Any:
    """Judges the JSON documents that an operation may respond with under a status."""
    document = contract.document.load()
    response = document["paths"][contract.operations[route].path]["post"]["responses"][str(status)]
    schema = resolver(document)(response)["content"][_JSON]["schema"]
    return jsonschema.Draft202012Validator({**schema, "components": document["components"]})

"""The one place that knows Schemathesis: request bodies drawn from `openapi.yaml` by its coverage and fuzzing phases.

Schemathesis only draws. Sending goes through the suite's own client, and judging is ours too, because Schemathesis takes a
body for invalid that a form cannot show to be so, and knows nothing of the rulings.
"""

from __future__ import annotations

import base64
import json
import random
import threading
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import Any

import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.config import GenerationConfig
from schemathesis.core import NOT_SET
from schemathesis.generation import GenerationMode
from schemathesis.generation.drivers import CoverageGenerator
from schemathesis.generation.feedback import NO_FEEDBACK
from schemathesis.generation.overrides import Override
from schemathesis.transport.serialization import Binary

from conformance.audio.samples import tiny_wav
from conformance.contracts import Contract
from conformance.drive.case import Case
from conformance.generated.search import draw
from conformance.http.bodies import Body

BOUNDARY = "conformance-drawn-boundary"
_MEDIA_TYPES = {"json": "application/json", "multipart": "multipart/form-data"}


# Schemathesis keeps what it has made of a schema: threads that begin together would each make it.
_one_at_a_time = threading.Lock()


class Kind(StrEnum):
    """Where a body is drawn from: what must be taken, what the schema allows, and what breaks it."""

    SURE = "sure"
    WIDE = "wide"
    BROKEN = "broken"


# Values that every gateway has to take: in range, known to any provider, no format that a gateway may look into.
_SURE: dict[str, Any] = {
    "speed": {"type": "number", "minimum": 0.5, "maximum": 2},
    "temperature": {"type": "number", "minimum": 0, "maximum": 1},
    "language": {"enum": ["en", "de", "fr"]},
    "contentType": {"enum": ["audio/wav"]},
    "fileName": {"enum": ["speech.wav", "Füchse.wav", "a b.wav"]},
}
# What the mock speaks in; a real provider has voices of its own.
_VOICES = ("alloy", "echo", "nova")
# Asked for in combination with other fields only, which a schema cannot say.
_NEVER_SURE = ("timestamp_granularities", "timestamp_granularities[]")


def drawn_bodies(case: Case, route: str, form: str, model: str, kind: Kind) -> list[Body]:
    """Bodies for one route in one form: a sample of the coverage phase's, and half as many fuzzed ones.

    The same seed gives the same bodies, byte for byte.
    """
    voices = _VOICES if case.mock else (case.voice,)
    with _one_at_a_time:
        return _drawn(case, _operation(case.contract, route, form, model, kind, voices), route, form, kind)


def _drawn(case: Case, operation: Any, route: str, form: str, kind: Kind) -> list[Body]:
    mode = GenerationMode.NEGATIVE if kind is Kind.BROKEN else GenerationMode.POSITIVE
    covering = [each for each in _coverage(operation, mode) if each.method == "POST"]
    purpose = f"{case.seed}/{route}/{form}/{kind}"
    chosen = random.Random(purpose).sample(covering, min(len(covering), max(3, case.examples // 2)))  # noqa: S311 - no secret
    fuzzed = draw(operation.as_strategy(generation_mode=mode), max(2, case.examples // 4), seed=purpose)
    bodies = (_body(each, form) for each in (*chosen, *fuzzed))
    return [body for body in bodies if body is not None]


def _coverage(operation: Any, mode: GenerationMode) -> Iterator[Any]:
    config: GenerationConfig = operation.schema.config.generation_for(operation=operation, phase="coverage")
    return iter(
        CoverageGenerator(
            operation=operation,
            generation_modes=[mode],
            generation_config=config,
            auth_storage=None,
            override=Override(),
            feedback=NO_FEEDBACK,
        )
    )


@cache
def _operation(  # noqa: PLR0913, PLR0917 - the key of a cache
    contract: Contract, route: str, form: str, model: str, kind: Kind, voices: tuple[str, ...]
) -> Any:
    _register_audio()
    config = schemathesis.Config.from_dict({"generation": {"database": "none", "allow-x00": kind is not Kind.SURE}})
    schema = schemathesis.openapi.from_dict(document(contract, route, form, model, kind, voices), config=config)
    return schema[contract.operations[route].path]["POST"]


@cache
def _register_audio() -> None:
    """A whole recording wherever the contract asks for a file, so that positive cases really pass."""
    schemathesis.openapi.format("binary", st.just(Binary(tiny_wav())))
    schemathesis.openapi.format("byte", st.just(base64.b64encode(tiny_wav()).decode()))


def document(  # noqa: PLR0913, PLR0917 - each narrows the document in its own way
    contract: Contract, route: str, form: str, model: str, kind: Kind, voices: tuple[str, ...] = _VOICES
) -> dict[str, Any]:
    """The contract cut down to one route in one form, with the gateway's own model key and voices in it."""
    whole = contract.document.load_promised() if kind is Kind.SURE else contract.document.load()
    path, media_type = contract.operations[route].path, _MEDIA_TYPES[form]
    post = whole["paths"][path]["post"]
    content = post["requestBody"]["content"][media_type]
    schemas = whole["components"]["schemas"]
    schemas["ModelKey"] = {"type": "string", "enum": [model]}
    if kind is Kind.SURE:
        for schema in schemas.values():
            _make_sure(schema, {**_SURE, "voice": {"enum": list(voices)}})
    operation = {
        "operationId": post["operationId"],
        "requestBody": {"required": True, "content": {media_type: {"schema": content["schema"]}}},
        "responses": {"200": {"description": "Served."}},
    }
    parts = {name: _without_examples(schema) for name, schema in schemas.items()}
    return {
        "openapi": whole["openapi"],
        "info": whole["info"],
        "paths": {path: {"post": operation}},
        "components": {"schemas": parts},
    }


def _make_sure(schema: dict[str, Any], sure: dict[str, Any]) -> None:
    if "additionalProperties" in schema:
        schema["additionalProperties"] = False
    properties = schema.get("properties", {})
    for name in _NEVER_SURE:
        properties.pop(name, None)
    properties.update({name: value for name, value in sure.items() if name in properties})


def _without_examples(node: Any) -> Any:
    """Examples would stand in for drawn values, and a form's example file is no bytes in YAML."""
    if isinstance(node, list):
        return [_without_examples(item) for item in node]
    if isinstance(node, dict):
        return {key: _without_examples(value) for key, value in node.items() if key != "examples"}
    return node


def _body(drawn: Any, form: str) -> Body | None:
    """The bytes that a drawn case stands for; None where Schemathesis means no body of this form at all."""
    if drawn.body is NOT_SET or drawn.media_type != _MEDIA_TYPES[form]:
        return None
    if form == "json":
        data = drawn.body if isinstance(drawn.body, bytes) else json.dumps(drawn.body, ensure_ascii=False).encode()
        return Body(data, "application/json")
    return _encoded_form(drawn)


def _encoded_form(drawn: Any) -> Body | None:
    arguments = drawn.as_transport_kwargs(base_url="http://gateway")
    wanted = {key: arguments.get(key) for key in ("data", "files")}
    prepared: Any = requests.Request("POST", "http://gateway", **wanted).prepare()
    content_type = prepared.headers.get("Content-Type") or ""
    _, found, boundary = content_type.partition("boundary=")
    data = prepared.body.encode() if isinstance(prepared.body, str) else prepared.body or b""
    if not found:
        return None
    # Its random boundary would make each run another.
    return Body(data.replace(boundary.encode(), BOUNDARY.encode()), content_type.replace(boundary, BOUNDARY))

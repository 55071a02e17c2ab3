"""The control API as an OpenAPI 3.1 document: every route, parameter and body, with examples."""

from __future__ import annotations

import inspect
from typing import Any

import msgspec

from mock_upstreams.control.examples import RELEASES, SCRIPTS
from mock_upstreams.control.routes import ROUTES, Route
from mock_upstreams.control.schema import definitions

_COMPONENTS = "#/components/schemas/"
_EXAMPLES: dict[str, dict[str, Any]] = {
    "Script": SCRIPTS,
    "Release": RELEASES,
    "Registration": {
        "names": {
            "summary": "A model for every operation, and a deployment for one",
            "value": {"models": ["house-tts"], "deployments": {"whisper-prod": ["transcription"]}},
        }
    },
}
_INTRODUCTION = (
    "Controls a running mock: scripts say how calls are responded to, the journal shows the calls that were received,"
    " gates hold calls until they are released. Every request but those for health and this document carries"
    " `Authorization: Bearer TOKEN`, with the token that the mock printed when it started."
)


def openapi_document(version: str) -> dict[str, Any]:
    """Returns the document of a mock of this version."""
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Control API of the mock providers", "version": version, "description": _INTRODUCTION},
        "paths": paths,
        "components": {
            "schemas": definitions(_COMPONENTS),
            "securitySchemes": {"controlToken": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"controlToken": []}],
    }


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": [*_path_parameters(route), *_query_parameters(route)],
        "responses": {str(route.status): _response(route), "4XX": _content("A refusal", _reference("Error"))},
    }
    if route.public:
        operation["security"] = []
    if route.body is not None:
        name = route.body.__name__
        body = {"schema": _reference(name), "examples": _EXAMPLES[name]}
        operation["requestBody"] = {"required": True, "content": {"application/json": body}}
    return operation


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": kind},
            "description": text,
            "example": example,
        }
        for name, kind, text, example in route.in_path
    ]


def _query_parameters(route: Route) -> list[dict[str, Any]]:
    """Returns the fields of the type that the query is converted to."""
    if route.query is None:
        return []
    schema = msgspec.json.schema(route.query)["$defs"][route.query.__name__]
    text = " ".join(inspect.cleandoc(route.query.__doc__ or "").split())
    return [
        {"name": name, "in": "query", "required": False, "schema": kind, "description": text}
        for name, kind in schema["properties"].items()
    ]


def _response(route: Route) -> dict[str, Any]:
    if route.response is None:
        binary = {"application/octet-stream": {"schema": {"type": "string", "contentMediaType": "*/*"}}}
        return {"description": "The bytes as they were received", "content": binary}
    if route.response is dict:
        return _content("A JSON document", {"type": "object"})
    return _content(_first_sentence(route.response), _reference(route.response.__name__))


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _reference(name: str) -> dict[str, Any]:
    return {"$ref": f"{_COMPONENTS}{name}"}


def _first_sentence(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or kind.__name__).split("\n")[0]

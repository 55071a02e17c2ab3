"""The control API under `/_mock/`: scripts, journal, gates and names, as JSON, behind a token of its own."""

from __future__ import annotations

import json
from hmac import compare_digest
from typing import Any, TypeVar

import msgspec
from litestar import Litestar, Request, Response, delete, get, post, put
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from mock_upstreams.control import documents
from mock_upstreams.control.controls import Controls
from mock_upstreams.control.openapi import openapi_document
from mock_upstreams.control.routes import ROUTES
from mock_upstreams.control.schema import SCHEMA
from mock_upstreams.errors import ControlRefusal, Mismatch
from mock_upstreams.journal import CallFilter
from mock_upstreams.models import Registration
from mock_upstreams.scripts import Script
from mock_upstreams.validation import convert

T = TypeVar("T")
ControlRequest = Request[Any, Any, Any]
_MOST_BODY_BYTES = 64 * 2**20
_PUBLIC = frozenset(route.path for route in ROUTES if route.public)


def control_app(controls: Controls) -> Litestar:
    """Returns the ASGI application that serves the API over `controls`."""
    return Litestar(
        [
            *(health, openapi, schema, show_models, add_models),
            *(add_script, list_scripts, clear_scripts, show_script, remove_script),
            *(show_journal, show_position, show_upload, clear_journal),
            *(list_gates, show_gate, set_up_gate, release_gate, remove_gate),
        ],
        openapi_config=None,
        logging_config=None,  # Litestar's own would set up logging for the whole process
        before_request=_check_token,
        exception_handlers={
            ControlRefusal: _refused,
            Mismatch: _mismatched,
            HTTPException: _http_error,
        },
        request_max_body_size=_MOST_BODY_BYTES,
        state=State({"controls": controls}),
    )


# --- what every request goes through


def _controls(request: ControlRequest) -> Controls:
    controls: Controls = request.app.state.controls
    return controls


async def _check_token(request: ControlRequest) -> None:
    if request.scope["path"] in _PUBLIC:
        return
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    expected = _controls(request).token
    if scheme.lower() != "bearer" or not compare_digest(token.strip().encode(), expected.encode()):
        hint = "send 'Authorization: Bearer TOKEN' with the token that the mock printed when it started"
        raise ControlRefusal(401, "wrong_control_token", "The control token is missing or wrong.", hint=hint)


def _json(value: Any, status: int = 200) -> Response[bytes]:
    # ASCII only: what the mock recorded may hold lone surrogates, which UTF-8 cannot carry.
    content = json.dumps(msgspec.to_builtins(value)).encode()
    return Response(content, status_code=status, media_type="application/json")


def _refused(_request: ControlRequest, error: ControlRefusal) -> Response[bytes]:
    response = _json(error.document(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _mismatched(request: ControlRequest, error: Mismatch) -> Response[bytes]:
    refusal = ControlRefusal(400, "invalid_value", error.message, param=error.path or None, hint=error.hint)
    return _refused(request, refusal)


def _http_error(request: ControlRequest, error: HTTPException) -> Response[bytes]:
    code = {404: "unknown_path", 405: "wrong_method", 413: "too_large"}.get(error.status_code, "http_error")
    message = f"{error.detail or code}: {request.method} {request.scope['path']}"
    return _refused(request, ControlRefusal(error.status_code, code, message, hint="see GET /_mock/openapi.json"))


async def _body(request: ControlRequest, kind: type[T]) -> T:
    try:
        document = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise Mismatch("", f"not JSON: {error}", "a JSON object") from error
    return convert(document, kind)


def _query(request: ControlRequest, kind: type[T]) -> T:
    return convert(dict(request.query_params.items()), kind, from_text=True)


# --- the mock itself


@get("/_mock/health")
async def health(request: ControlRequest) -> Response[bytes]:
    controls = _controls(request)
    caches = controls.cache_counts() if controls.cache_counts else None
    return _json(documents.Health("ok", controls.version, controls.strict, caches))


@get("/_mock/openapi.json")
async def openapi(request: ControlRequest) -> Response[bytes]:
    return _json(openapi_document(_controls(request).version))


@get("/_mock/schema")
async def schema(request: ControlRequest) -> Response[bytes]:  # noqa: ARG001 - Litestar passes it by name
    return _json(SCHEMA)


@get("/_mock/models")
async def show_models(request: ControlRequest) -> Response[bytes]:
    return _json(_controls(request).known.shown())


@post("/_mock/models")
async def add_models(request: ControlRequest) -> Response[bytes]:
    known = _controls(request).known
    known.add(await _body(request, Registration))
    return _json(known.shown(), 201)


# --- scripts


@post("/_mock/scripts")
async def add_script(request: ControlRequest) -> Response[bytes]:
    controls = _controls(request)
    script = await _body(request, Script)
    for name in script.act.gates:
        controls.gates.ensure(name)
    return _json(controls.scripts.add(script), 201)


@get("/_mock/scripts")
async def list_scripts(request: ControlRequest) -> Response[bytes]:
    unused = _query(request, documents.ScriptFilter).unused
    return _json(documents.Scripts(_controls(request).scripts.all(unused=unused)))


@delete("/_mock/scripts", status_code=200)
async def clear_scripts(request: ControlRequest) -> Response[bytes]:
    return _json(documents.Removed(_controls(request).scripts.clear()))


@get("/_mock/scripts/{script:str}")
async def show_script(request: ControlRequest, script: FromPath[str]) -> Response[bytes]:
    return _json(_controls(request).scripts.get(script))


@delete("/_mock/scripts/{script:str}", status_code=200)
async def remove_script(request: ControlRequest, script: FromPath[str]) -> Response[bytes]:
    return _json(_controls(request).scripts.remove(script))


# --- journal


@get("/_mock/journal")
async def show_journal(request: ControlRequest) -> Response[bytes]:
    journal = _controls(request).journal
    calls = await journal.find(_query(request, CallFilter))
    return _json(documents.Journal(journal.position, journal.dropped, calls))


@get("/_mock/journal/position")
async def show_position(request: ControlRequest) -> Response[bytes]:
    return _json(documents.Position(_controls(request).journal.position))


@get("/_mock/journal/{position:int}/upload")
async def show_upload(request: ControlRequest, position: FromPath[int]) -> Response[bytes]:
    return Response(_controls(request).journal.upload(position), media_type="application/octet-stream")


@delete("/_mock/journal", status_code=200)
async def clear_journal(request: ControlRequest) -> Response[bytes]:
    return _json(documents.Removed(_controls(request).journal.clear()))


# --- gates


@get("/_mock/gates")
async def list_gates(request: ControlRequest) -> Response[bytes]:
    return _json(documents.Gates(_controls(request).gates.all()))


@put("/_mock/gates/{name:str}")
async def set_up_gate(request: ControlRequest, name: FromPath[str]) -> Response[bytes]:
    return _json(_controls(request).gates.ensure(name))


@get("/_mock/gates/{name:str}")
async def show_gate(request: ControlRequest, name: FromPath[str]) -> Response[bytes]:
    gates, wanted = _controls(request).gates, _query(request, documents.GateWait)
    gates.show(name)
    await gates.wait(name, wanted.waiting_at_least, wanted.wait_s)
    return _json(gates.show(name))


@post("/_mock/gates/{name:str}/release")
async def release_gate(request: ControlRequest, name: FromPath[str]) -> Response[bytes]:
    gates, release = _controls(request).gates, await _body(request, documents.Release)
    if release.count is not None:
        return _json(gates.release(name, release.count), 200)
    if release.position is not None:
        return _json(gates.release_one(name, release.position), 200)
    return _json(gates.open(name), 200)


@delete("/_mock/gates/{name:str}", status_code=200)
async def remove_gate(request: ControlRequest, name: FromPath[str]) -> Response[bytes]:
    return _json(_controls(request).gates.remove(name))

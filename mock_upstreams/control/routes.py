"""The routes of the control API as data, from which its document is made. A test holds them to the handlers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mock_upstreams.control import documents
from mock_upstreams.gates import Gate
from mock_upstreams.journal import CallFilter
from mock_upstreams.models import Registration
from mock_upstreams.scripts import Script, StoredScript

InPath = tuple[str, str, str, Any]
"""A parameter of a path: its name, its JSON type, what it is, an example."""

_SCRIPT: InPath = ("script", "string", "The id that a script got when it was added.", "script-1")
_GATE: InPath = ("name", "string", "The name of a gate, as the `hold` of an act gives it.", "checkout")
_POSITION: InPath = ("position", "integer", "The position of a call in the journal.", 1)


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path. `response`: the type of the JSON document; `dict` for any, `None` for bytes."""

    name: str
    method: str
    path: str
    summary: str
    response: type | None
    status: int = 200
    query: type | None = None
    body: type | None = None
    in_path: tuple[InPath, ...] = ()
    public: bool = False


_MOCK = (
    Route("health", "GET", "/_mock/health", "Whether the mock is up", documents.Health, public=True),
    Route("openapi", "GET", "/_mock/openapi.json", "This document", dict, public=True),
    Route("schema", "GET", "/_mock/schema", "The JSON Schemas of all documents, under `$defs`", dict),
    Route("show_models", "GET", "/_mock/models", "The models and deployments that the mock knows", documents.Models),
    Route(
        "add_models", "POST", "/_mock/models", "Adds models and deployments", documents.Models, 201, body=Registration
    ),
)
_SCRIPTS = (
    Route(
        "add_script",
        "POST",
        "/_mock/scripts",
        "Adds a script: for the calls that match, the act is played instead of responding unscripted",
        StoredScript,
        201,
        body=Script,
    ),
    Route("list_scripts", "GET", "/_mock/scripts", "The scripts", documents.Scripts, query=documents.ScriptFilter),
    Route("clear_scripts", "DELETE", "/_mock/scripts", "Removes all scripts", documents.Removed),
    Route(
        "show_script",
        "GET",
        "/_mock/scripts/{script}",
        "One script, and how often it was played",
        StoredScript,
        in_path=(_SCRIPT,),
    ),
    Route("remove_script", "DELETE", "/_mock/scripts/{script}", "Removes a script", StoredScript, in_path=(_SCRIPT,)),
)
_JOURNAL = (
    Route(
        "show_journal", "GET", "/_mock/journal", "The recorded calls that match", documents.Journal, query=CallFilter
    ),
    Route("show_position", "GET", "/_mock/journal/position", "The position of the newest call", documents.Position),
    Route(
        "show_upload",
        "GET",
        "/_mock/journal/{position}/upload",
        "The file that a call uploaded",
        None,
        in_path=(_POSITION,),
    ),
    Route(
        "clear_journal", "DELETE", "/_mock/journal", "Forgets all calls; positions go on counting", documents.Removed
    ),
)
_GATES = (
    Route("list_gates", "GET", "/_mock/gates", "The gates", documents.Gates),
    Route(
        "set_up_gate", "PUT", "/_mock/gates/{name}", "Sets up a closed gate unless there is one", Gate, in_path=(_GATE,)
    ),
    Route(
        "show_gate",
        "GET",
        "/_mock/gates/{name}",
        "One gate, at once or when enough calls are held at it",
        Gate,
        query=documents.GateWait,
        in_path=(_GATE,),
    ),
    Route(
        "release_gate",
        "POST",
        "/_mock/gates/{name}/release",
        "Releases calls that are held",
        Gate,
        body=documents.Release,
        in_path=(_GATE,),
    ),
    Route(
        "remove_gate",
        "DELETE",
        "/_mock/gates/{name}",
        "Releases all calls and removes the gate",
        Gate,
        in_path=(_GATE,),
    ),
)
ROUTES = (*_MOCK, *_SCRIPTS, *_JOURNAL, *_GATES)

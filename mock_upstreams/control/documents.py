"""The documents of the control API that no other part of the mock has: queries, bodies, lists, errors."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mock_upstreams.caching import CacheCounts
from mock_upstreams.gates import Gate
from mock_upstreams.journal import RecordedCall
from mock_upstreams.requests import Operation
from mock_upstreams.scripts import StoredScript

Seconds = Annotated[float, Meta(ge=0, le=30)]


class Health(msgspec.Struct, frozen=True):
    """The mock is up; whether it is strict, and how its caches are used (`null` where another responder has none)."""

    status: Literal["ok"]
    version: str
    strict: bool
    caches: dict[str, CacheCounts] | None


class Models(msgspec.Struct, frozen=True):
    """Every model and deployment that the mock knows, each with its operations."""

    models: dict[str, list[Operation]]
    deployments: dict[str, list[Operation]]


class Scripts(msgspec.Struct, frozen=True):
    """Scripts, oldest first."""

    scripts: list[StoredScript]


class ScriptFilter(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which scripts are asked for: all, or only those that no call has met."""

    unused: bool = False


class Journal(msgspec.Struct, frozen=True):
    """Recorded calls, oldest first; the position of the newest call of all, and how many were dropped for room."""

    position: int
    dropped: int
    calls: list[RecordedCall]


class Position(msgspec.Struct, frozen=True):
    """The position of the newest call: those to come have higher ones."""

    position: int


class Removed(msgspec.Struct, frozen=True):
    """How many were removed."""

    removed: int


class Gates(msgspec.Struct, frozen=True):
    """All gates by name."""

    gates: list[Gate]


class GateWait(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """For how many held calls to wait, and for how long (seconds)."""

    waiting_at_least: Annotated[int, Meta(ge=0)] = 0
    wait_s: Seconds = 0


class Release(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which calls a gate releases: exactly one of all (for good), the first `count`, or the call at `position`."""

    all: Literal[True] | None = None
    count: Annotated[int, Meta(ge=1)] | None = None
    position: Annotated[int, Meta(ge=1)] | None = None

    def __post_init__(self) -> None:
        if sum(value is not None for value in (self.all, self.count, self.position)) != 1:
            raise ValueError("give exactly one of all, count and position")


class ErrorFields(msgspec.Struct, frozen=True):
    """What is wrong: `param` names the field to blame, `code` is for programs, `message` says what to do about it."""

    message: str
    type: Literal["mock_control_error"]
    param: str | None
    code: str


class Error(msgspec.Struct, frozen=True):
    """A refusal of the control API."""

    error: ErrorFields

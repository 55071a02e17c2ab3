"""Scripts: which calls get a scripted response, and which. Values, as the control API takes them."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from mock_upstreams.errors import ControlRefusal
from mock_upstreams.requests import FaceName, Operation, ReceivedRequest

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_FRAMING = {"content-length": "truncate", "transfer-encoding": "chunked"}

NonEmpty = Annotated[str, Meta(min_length=1)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Match(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """Which calls a script is for: all that is given must hold. `marker` is looked for in every text of the call."""

    operation: Operation | None = None
    face: FaceName | None = None
    model: NonEmpty | None = None
    deployment: NonEmpty | None = None
    marker: NonEmpty | None = None
    sha256: NonEmpty | None = None

    def matches(self, request: ReceivedRequest) -> bool:
        """Tells whether a script is for this request."""
        upload = request.body.upload
        facts = (
            (self.operation, request.address.operation),
            (self.face, request.address.face),
            (self.model, request.model),
            (self.deployment, request.address.deployment),
            (self.sha256, upload.sha256 if upload else None),
        )
        if any(wanted is not None and wanted != found for wanted, found in facts):
            return False
        return self.marker is None or any(self.marker in text for text in request.texts())


class SubstituteBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A body in place of the unscripted one: exactly one of three ways to write it."""

    json: Any | UnsetType = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        given = [value for value in (self.json, self.text, self.base64) if value is not UNSET]
        if len(given) != 1:
            message = "give exactly one of json, text and base64"
            raise ValueError(message)
        if isinstance(self.base64, str):
            _decoded(self.base64)

    def content(self) -> tuple[str, bytes]:
        """Returns the media type that goes with the body, and its bytes."""
        if isinstance(self.text, str):
            return "text/plain; charset=utf-8", self.text.encode()
        if isinstance(self.base64, str):
            return "application/octet-stream", _decoded(self.base64)
        return "application/json", msgspec.json.encode(self.json)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = f"base64 does not decode: {error}"
        raise ValueError(message) from error


class Truncate(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A short body: how much of it is sent (bytes, or a fraction written with a point), and which length is announced."""

    keep: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0, le=1)]
    length: Literal["declared", "actual"] = "declared"


class Drip(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A slow body: pieces of `chunk` bytes, `interval_s` seconds apart."""

    chunk: Annotated[int, Meta(ge=1)]
    interval_s: Seconds


class Act(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What the mock does instead of responding unscripted. Every field alone and in any combination."""

    hold: NonEmpty | None = None
    delay_s: Seconds | None = None
    reset: Literal["before_headers", "before_body", "mid_body"] | None = None
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    headers: dict[str, str | None] | None = None
    content_type: NonEmpty | None = None
    body: SubstituteBody | None = None
    truncate: Truncate | None = None
    malform: bool = False
    drip: Drip | None = None
    chunked: bool = False

    def __post_init__(self) -> None:
        for name, value in (self.headers or {}).items():
            _check_header(name, value)
        if self.content_type is not None:
            _check_header("content-type", self.content_type)


def _check_header(name: str, value: str | None) -> None:
    if name.lower() in _FRAMING:
        message = f"{name} is not for scripts to set: use {_FRAMING[name.lower()]}"
        raise ValueError(message)
    if not _HEADER_NAME.match(name) or not _HEADER_VALUE.match(value or ""):
        message = f"{name!r}: {value!r} is no HTTP header"
        raise ValueError(message)


class Script(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`act` for the next `times` calls that `match`; `null`: for all of them."""

    act: Act
    match: Match = Match()
    times: Annotated[int, Meta(ge=1)] | None = 1


class StoredScript(msgspec.Struct):
    """A script in the book: with its id, and how many calls it was played on."""

    id: str
    match: Match
    act: Act
    times: int | None
    used: int = 0

    @property
    def left(self) -> bool:
        """Whether it still has calls to answer."""
        return self.times is None or self.used < self.times


class ScriptBook:
    """All scripts. The newest that matches and has calls left wins."""

    def __init__(self) -> None:
        self._scripts: dict[str, StoredScript] = {}
        self._numbers = itertools.count(1)

    def add(self, script: Script) -> StoredScript:
        """Keeps a script and return it with its id."""
        stored = StoredScript(f"script-{next(self._numbers)}", script.match, script.act, script.times)
        self._scripts[stored.id] = stored
        return stored

    def take(self, request: ReceivedRequest) -> StoredScript | None:
        """Returns the script for a request and counts the call as one it was played on."""
        for script in reversed(self._scripts.values()):
            if script.left and script.match.matches(request):
                script.used += 1
                return script
        return None

    def all(self, *, unused: bool = False) -> list[StoredScript]:
        """Returns the scripts, oldest first; only those that were played on no call where `unused`."""
        return [script for script in self._scripts.values() if not (unused and script.used)]

    def get(self, number: str) -> StoredScript:
        """Returns one script. Raises ControlRefusal (404)."""
        try:
            return self._scripts[number]
        except KeyError:
            raise ControlRefusal(404, "unknown_script", f"There is no script {number!r}.", param="id") from None

    def remove(self, number: str) -> StoredScript:
        """Forgets one script and returns it as it was. Raises ControlRefusal (404)."""
        script = self.get(number)
        del self._scripts[number]
        return script

    def clear(self) -> int:
        """Forgets all scripts; returns how many there were."""
        count = len(self._scripts)
        self._scripts.clear()
        return count

"""Scripts: which calls get a scripted response, and how often. Values, as the control API takes them."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator
from typing import Annotated

import msgspec
from msgspec import Meta

from mock_upstreams.acts import Act, NonEmpty
from mock_upstreams.errors import ControlRefusal
from mock_upstreams.markers import grams
from mock_upstreams.requests import FaceName, Operation, ReceivedRequest


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


_ID = "script-"
_ANY = ""
"""The key of scripts that neither a marker nor an upload tells."""


class ScriptBook:
    """All scripts. The newest that matches and has calls left wins."""

    def __init__(self) -> None:
        self._scripts: dict[str, StoredScript] = {}
        self._numbers = itertools.count(1)
        # Those with calls left, by what tells their calls: so that a call need not be held against each script.
        self._waiting: dict[str, dict[int, StoredScript]] = {}

    def add(self, script: Script) -> StoredScript:
        """Keeps a script and return it with its id."""
        number = next(self._numbers)
        stored = StoredScript(f"{_ID}{number}", script.match, script.act, script.times)
        self._scripts[stored.id] = stored
        self._waiting.setdefault(_told_by(script.match), {})[number] = stored
        return stored

    def take(self, request: ReceivedRequest) -> StoredScript | None:
        """Returns the script for a request and counts the call as one it was played on."""
        for script in self._newest_first(request):
            if script.match.matches(request):
                script.used += 1
                if not script.left:
                    self._let_go(script)
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
        self._let_go(script)
        return script

    def clear(self) -> int:
        """Forgets all scripts; returns how many there were."""
        count = len(self._scripts)
        self._scripts.clear()
        self._waiting.clear()
        return count

    def _newest_first(self, request: ReceivedRequest) -> Iterator[StoredScript]:
        """Yields at least the scripts with calls left that are for a request."""
        if not self._waiting:
            return
        keys = grams("\n".join(request.texts()))
        if keys is None:
            told = list(self._waiting.values())
        else:
            digest = request.upload_sha256
            named = (*keys, digest) if digest else keys
            told = [scripts for key in (_ANY, *named) if (scripts := self._waiting.get(key))]
        for _, script in heapq.merge(*(reversed(each.items()) for each in told), key=_by_number, reverse=True):
            yield script

    def _let_go(self, script: StoredScript) -> None:
        key = _told_by(script.match)
        if waiting := self._waiting.get(key):
            waiting.pop(int(script.id.removeprefix(_ID)), None)
            if not waiting:
                del self._waiting[key]


def _told_by(match: Match) -> str:
    """What every call has that a script is for: a gram of its marker, or its upload. Of a marker's, the end tells most."""
    told = grams(match.marker) if match.marker is not None else None
    return told[-1] if told else match.sha256 or _ANY


def _by_number(numbered: tuple[int, StoredScript]) -> int:
    return numbered[0]

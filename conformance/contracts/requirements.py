"""The catalogue: what a contract demands, one requirement at a time. `conformance.contracts.catalogues` reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from conformance.errors import UsageError


class Level(StrEnum):
    """How much hangs on a requirement: a violated MUST makes a gateway non-conforming, a violated SHOULD is a warning."""

    MUST = "MUST"
    SHOULD = "SHOULD"


class Requirement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One sentence that a gateway can keep or break.

    `id` is dotted and stable, e.g. `speech.format.flac`; `link` leads to the clause of the contract that demands it, as
    a path from the top of the project with an anchor, and `section` is the heading above that clause; `needs` names what
    a target must declare before it can be decided (the names are those of `conformance.runner.plan`).
    """

    id: str
    level: Level
    section: str
    link: str
    statement: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Every requirement, by id, in the order of the files."""

    version: str
    by_id: dict[str, Requirement]

    def __iter__(self) -> Iterator[Requirement]:
        return iter(self.by_id.values())

    def __len__(self) -> int:
        return len(self.by_id)

    def get(self, requirement_id: str) -> Requirement:
        """Raises UsageError, naming close ids, where there is none of that id."""
        if requirement_id in self.by_id:
            return self.by_id[requirement_id]
        area = requirement_id.split(".", maxsplit=1)[0]
        near = [known for known in self.by_id if known.startswith(area)][:5]
        hint = f"Near it: {', '.join(near)}." if near else "audio-conformance list shows all."
        raise UsageError(f"There is no requirement `{requirement_id}`.", hint)

    def select(self, globs: Iterable[str]) -> frozenset[str]:
        """The ids that match any of the globs; all of them for no glob. Raises UsageError where a glob matches none."""
        patterns = tuple(globs)
        chosen: set[str] = set()
        for pattern in patterns:
            hits = {known for known in self.by_id if fnmatchcase(known, pattern)}
            if not hits:
                raise UsageError(f"--select {pattern} matches no requirement.", "audio-conformance list shows all ids.")
            chosen |= hits
        return frozenset(chosen) if patterns else frozenset(self.by_id)

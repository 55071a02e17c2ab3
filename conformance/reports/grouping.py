"""Requirements that share a reason, grouped for people: many are often left undecided by one missing declaration."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """A reason and the ids of the requirements that it holds for, in the order of the catalogue."""

    reason: str
    requirements: tuple[str, ...]


def by_reason(reasons: Iterable[tuple[str, str]]) -> tuple[Group, ...]:
    """Groups pairs of id and reason, in the order in which each reason is first seen."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for requirement, reason in reasons:
        groups[reason].append(requirement)
    return tuple(Group(reason, tuple(ids)) for reason, ids in groups.items())


def some_of(ids: Sequence[str], most: int) -> str:
    """The first `most` ids, and how many there are in all where there are more."""
    more = f", … {len(ids)} in all" if len(ids) > most else ""
    return ", ".join(ids[:most]) + more

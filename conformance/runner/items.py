"""What the marks and parameters of a collected check say: its requirement, its operation, and when it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from conformance.drive.marks import CLOSING, CONCLUSIVE, EARLY, EXCLUSIVE, LAST, LASTING, REQUIREMENT

EARLY_PHASE, ORDINARY_PHASE, EXCLUSIVE_PHASE, CLOSING_PHASE, LAST_PHASE = range(5)
_PHASES = {EARLY: EARLY_PHASE, EXCLUSIVE: EXCLUSIVE_PHASE, CLOSING: CLOSING_PHASE, LAST: LAST_PHASE}
_MARKS = pytest.StashKey[dict[str, pytest.Mark]]()


def declare_markers(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{REQUIREMENT}(id): the requirement that the check decides")
    config.addinivalue_line("markers", f"{EXCLUSIVE}: runs alone, after all others")
    config.addinivalue_line("markers", f"{EARLY}: waits for long, so it starts first, beside the workers")
    config.addinivalue_line("markers", f"{LASTING}: a gateway that fails it may never serve again")
    config.addinivalue_line("markers", f"{CONCLUSIVE}: uses up what it judges, so its accusation is not tried again")
    config.addinivalue_line("markers", f"{CLOSING}: asks what the whole run has left behind, so it runs after all that")
    config.addinivalue_line("markers", f"{LAST}: stops the gateway, so it runs alone, at the very end")


def requirement_of(item: pytest.Item) -> str:
    """The requirement that a check decides: the nearest mark, so that a parameter's goes before its function's."""
    marker = _marks(item).get(REQUIREMENT)
    return str(marker.args[0]) if marker else ""


def decides_none_of(check: object, requirement_ids: Iterable[str]) -> bool:
    """Whether it is a check, and of other requirements."""
    requirements = _requirements_named(check)
    return bool(requirements) and requirements.isdisjoint(requirement_ids)


def _requirements_named(check: object) -> frozenset[str]:
    """The requirements that a check decides, with whatever parameters; none for what is no check."""
    own: list[pytest.Mark] = list(getattr(check, "pytestmark", ()))
    # Values that are a list can be looked at without using them up.
    sets = [mark.args[1] for mark in own if mark.name == "parametrize" and isinstance(mark.args[1], list)]
    marks = [*own, *(mark for values in sets for value in values for mark in getattr(value, "marks", ()))]
    return frozenset(
        str(mark.args[0]) for mark in (getattr(each, "mark", each) for each in marks) if mark.name == REQUIREMENT
    )


def parameters_of(item: pytest.Item) -> dict[str, Any]:
    """What the check is parametrised with; `route` and `form` name an operation and its encoding."""
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params) if callspec else {}


def check_name(item: pytest.Item) -> str:
    """The check's name for people: module and test with its parameters."""
    module = item.nodeid.split("::")[0].rsplit("/", 1)[-1].removesuffix(".py")
    return f"{module}::{item.name}"


def phase_of(item: pytest.Item) -> int:
    """When it runs: the phases follow one another."""
    return max((phase for name, phase in _PHASES.items() if name in _marks(item)), default=ORDINARY_PHASE)


def is_marked(item: pytest.Item, marker: str) -> bool:
    """Whether it, or what it stands in, has a mark of this name."""
    return marker in _marks(item)


def _marks(item: pytest.Item) -> dict[str, pytest.Mark]:
    """The nearest mark of each name, looked up once: pytest walks up to the session each time it is asked."""
    if _MARKS not in item.stash:
        item.stash[_MARKS] = {mark.name: mark for mark in reversed(list(item.iter_markers()))}
    return item.stash[_MARKS]

"""How a check says what it decides: `decides` for one requirement, `each` for one requirement per parameter."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest

REQUIREMENT = "requirement"
EXCLUSIVE = "exclusive"
EARLY = "early"
CLOSING = "closing"
LAST = "last"
LASTING = "lasting"
CONCLUSIVE = "conclusive"

Mark = Callable[[Callable[..., Any]], Callable[..., Any]]

exclusive: Mark = getattr(pytest.mark, EXCLUSIVE)
early: Mark = getattr(pytest.mark, EARLY)
closing: Mark = getattr(pytest.mark, CLOSING)
last: Mark = getattr(pytest.mark, LAST)
lasting: Mark = getattr(pytest.mark, LASTING)
conclusive: Mark = getattr(pytest.mark, CONCLUSIVE)


def decides(requirement_id: str) -> Mark:
    """Mark a check with the requirement that it decides."""
    mark: Mark = _mark(requirement_id)
    return mark


def _mark(requirement_id: str) -> Any:
    return getattr(pytest.mark, REQUIREMENT)(requirement_id)


def each(names: str, values: Iterable[Any], requirement_id: str) -> Mark:
    """Parametrise a check; `{name}` in the requirement id stands for the parameter's value (underscores become hyphens).

    `each("route, form", OPERATIONS_AND_ENCODINGS, "authentication.{route}.empty")` makes a check for each pair, and the
    checks of one route together decide that route's requirement.
    """
    keys = [name.strip() for name in names.split(",")]
    return pytest.mark.parametrize(keys, [_param(keys, value, requirement_id) for value in values])


def _param(keys: list[str], value: Any, requirement_id: str) -> Any:
    values = value if len(keys) > 1 else (value,)
    named = {key: str(item).replace("_", "-") for key, item in zip(keys, values, strict=True)}
    return pytest.param(*values, marks=_mark(requirement_id.format(**named)), id="-".join(named.values()))

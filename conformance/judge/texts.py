"""Texts in findings: two that differ are shown from the first character on which they differ."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_LINE_BREAK = re.compile(r"\r\n|\r")
_AROUND = 20
_SHOWN = 160


def first_difference(one: str, other: str) -> int:
    """The place of the first character that differs; the length of the shorter one where it begins the longer."""
    places = (at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right)
    return next(places, min(len(one), len(other)))


def around(text: str, place: int) -> str:
    """The text around a place, every character that is not plain ASCII written as an escape."""
    start = max(0, place - _AROUND)
    return f"{'…' if start else ''}{text[start : place + _AROUND]!a}"


def shown(value: Any) -> str:
    """A value of any type as an escaped literal, cut short where it is long."""
    literal = ascii(value)
    return literal if len(literal) <= _SHOWN else f"{literal[:_SHOWN]}… ({len(literal)} characters)"


def shown_beside(value: Any, other: Any) -> str:
    """A value for a reader who compares it with another: of long texts, the part where they begin to differ."""
    texts = isinstance(value, str) and isinstance(other, str)
    if not texts or len(value) <= _SHOWN:
        return shown(value)
    place = first_difference(value, other)
    return f"{around(value, place)}, from character {place} on ({len(value)} characters)"


def changed_parts(got: Any, parts: Mapping[str, str]) -> str:
    """The names of the parts that a text does not hold as they are; line breaks count as equal, however they are written."""
    text = _LINE_BREAK.sub("\n", got) if isinstance(got, str) else ""
    lost = [name for name, part in parts.items() if _LINE_BREAK.sub("\n", part) not in text]
    return ", ".join(lost) if lost else "what stands around the parts"

"""Texts in findings: two that differ are shown from the first character on which they differ."""

from __future__ import annotations

from typing import Any

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

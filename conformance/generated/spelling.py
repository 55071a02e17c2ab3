"""JSON texts of one meaning: order of keys, white space, escapes and spellings of numbers as drawn."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from typing import Any

from hypothesis import strategies as st

_SHORT = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NUMBERS: Mapping[str, Callable[[Decimal], str]] = {
    "plain": lambda number: format(number, "f"),
    "point": lambda number: format(number, "f") + (".0" if number == number.to_integral() else "0"),
    "exponent": lambda number: f"{format(number, 'f')}e0",
    "shifted": lambda number: f"{format(number.scaleb(1), 'f')}e-1",
    "signed-exponent": lambda number: f"{format(number.scaleb(-2), 'f')}E+2",
}
_ESCAPES: Mapping[str, Callable[[str], str]] = {
    "raw": lambda char: char,
    "short": lambda char: _SHORT.get(char, char),
    "lower": lambda char: _units(char, "04x"),
    "upper": lambda char: _units(char, "04X"),
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """How to write a JSON value. Each pattern is repeated over the places where it applies; `order` ranks the keys."""

    order: tuple[int, ...] = (0,)
    gaps: tuple[str, ...] = ("",)
    escapes: tuple[str, ...] = ("raw",)
    numbers: tuple[str, ...] = ("plain",)


def spellings() -> st.SearchStrategy[Spelling]:
    def pattern(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
        return st.lists(values, min_size=1, max_size=6).map(tuple)

    gaps = st.text(st.sampled_from(" \t\r\n"), max_size=3)
    return st.builds(
        Spelling,
        order=pattern(st.integers(0, 9)),
        gaps=pattern(gaps),
        escapes=pattern(st.sampled_from(list(_ESCAPES))),
        numbers=pattern(st.sampled_from(list(_NUMBERS))),
    )


def write(value: Any, spelling: Spelling) -> str:
    """The JSON text of `value`, as spelled. Every spelling of a value parses to the same value."""
    gap = cycle(spelling.gaps)
    pen = _Pen(gap, cycle(spelling.escapes), cycle(spelling.numbers), spelling.order)
    return f"{next(gap)}{pen.write(value)}{next(gap)}"


@dataclass
class _Pen:
    gap: Iterator[str]
    escape: Iterator[str]
    number: Iterator[str]
    order: tuple[int, ...]

    def write(self, value: Any) -> str:
        if isinstance(value, Mapping):
            return self._joined("{}", [self._pair(key, item) for key, item in self._ordered(value)])
        if isinstance(value, (list, tuple)):
            return self._joined("[]", [self.write(item) for item in value])
        if isinstance(value, str):
            return f'"{"".join(self._character(char) for char in value)}"'
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _NUMBERS[next(self.number)](Decimal(repr(value)))
        return json.dumps(value)

    def _ordered(self, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
        ranked = zip(cycle(self.order), range(len(value)), value.items(), strict=False)
        return [pair for _, _, pair in sorted(ranked, key=lambda entry: entry[:2])]

    def _pair(self, key: str, value: Any) -> str:
        return f"{self.write(key)}{next(self.gap)}:{next(self.gap)}{self.write(value)}"

    def _joined(self, brackets: str, items: list[str]) -> str:
        inside = ",".join(f"{next(self.gap)}{item}{next(self.gap)}" for item in items)
        return f"{brackets[0]}{inside}{brackets[1]}"

    def _character(self, char: str) -> str:
        written = _ESCAPES[next(self.escape)](char)
        needs_escape = written in {'"', "\\"} or (len(written) == 1 and written < " ")
        return _SHORT.get(char, _units(char, "04x")) if needs_escape else written


def _units(char: str, style: str) -> str:
    """A character as UTF-16 escapes: two of them beyond the first plane."""
    data = char.encode("utf-16-be")
    units = (int.from_bytes(data[at : at + 2]) for at in range(0, len(data), 2))
    return "".join(f"\\u{format(unit, style)}" for unit in units)

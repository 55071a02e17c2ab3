"""Expected against got, word by word: which words stand on one side only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|[\w.-]+|[^\w\s]")
# Beyond that the comparison takes longer than it helps.
_MOST_WORDS = 400
# Texts that share less are two texts: marking every word of them would only hide what they say.
_LEAST_ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, and whether the other side lacks it."""

    text: str
    differs: bool


def differences(expected: str, got: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces. Texts that have little in common are left whole."""
    left, right = _WORD.findall(expected), _WORD.findall(got)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    if len(left) + len(right) > _MOST_WORDS or matcher.ratio() < _LEAST_ALIKE:
        return (Piece(expected, differs=False),), (Piece(got, differs=False),)
    codes = matcher.get_opcodes()
    return (
        tuple(_joined((left[a:b], tag != "equal") for tag, a, b, _, _ in codes)),
        tuple(_joined((right[c:d], tag != "equal") for tag, _, _, c, d in codes)),
    )


def _joined(parts: Iterable[tuple[list[str], bool]]) -> Iterable[Piece]:
    return (Piece("".join(words), differs) for words, differs in parts if words)

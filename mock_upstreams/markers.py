"""Finds texts by a marker in them without looking at all of them.

A marker is found anywhere in a text, within a word too. What is indexed are the grams of long words: every eight letters or
digits in a row. A text with the marker in it has all grams of the marker, so the rarest of them says which to look at.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

_LENGTH = 8
_LONG_WORD = re.compile(rf"[0-9a-z]{{{_LENGTH},}}")
# More of them would take more memory than the text; a text for people has fewer.
_MOST = 128
_USUAL_LENGTH = 1000  # characters; the grams of a longer text are not remembered

T = TypeVar("T")


def grams(text: str) -> tuple[str, ...] | None:
    """The grams of a text in their order, whatever its letter case; None where it has too many to be indexed."""
    return (_grams_found_before if len(text) <= _USUAL_LENGTH else _grams)(text)


def _grams(text: str) -> tuple[str, ...] | None:
    found: dict[str, None] = {}
    for match in _LONG_WORD.finditer(text.casefold()):
        word = match.group()
        if len(word) + len(found) > _MOST:
            return None
        for at in range(len(word) - _LENGTH + 1):
            found[word[at : at + _LENGTH]] = None
    return tuple(found)


_grams_found_before = lru_cache(maxsize=256)(_grams)


class Index(Generic[T]):
    """What has been filed under which keys, in the order of filing. It is taken out in the same order."""

    def __init__(self) -> None:
        # A tuple of one, as most are, takes a tenth of the memory of a deque.
        self._filed: dict[str, deque[T] | tuple[T]] = {}

    def file(self, item: T, keys: Iterable[str]) -> None:
        """Files an item under each of the keys, which differ."""
        for key in keys:
            filed = self._filed.get(key)
            if filed is None:
                self._filed[key] = (item,)
            elif isinstance(filed, deque):
                filed.append(item)
            else:
                self._filed[key] = deque((*filed, item))

    def take_out_oldest(self, keys: Iterable[str]) -> None:
        """Takes out the item that was filed first of all; `keys` are those that it was filed under."""
        for key in keys:
            filed = self._filed[key]
            if isinstance(filed, deque) and len(filed) > 1:
                filed.popleft()
            else:
                del self._filed[key]

    def under(self, key: str) -> Sequence[T]:
        """The items filed under a key, oldest first."""
        return self._filed.get(key, ())

    def under_rarest(self, keys: Iterable[str]) -> Sequence[T]:
        """The items filed under that of the keys which fewest have. There is a key."""
        return min((self.under(key) for key in keys), key=len)

    def clear(self) -> None:
        """Forgets all."""
        self._filed.clear()

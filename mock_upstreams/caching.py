"""A cache of results by what they were made from: bounded in bytes, the least recently used dropped first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")

_LARGEST_SHARE = 8  # of the capacity: one long recording shall not drive out everything else


class CacheCounts(msgspec.Struct, frozen=True):
    """How often results were found and made, and what is kept now, in bytes."""

    hits: int
    misses: int
    bytes: int


class ResultCache(Generic[T]):
    """Keeps results up to `capacity` bytes in all. Safe to use from several threads."""

    def __init__(self, capacity: int, size_of: Callable[[T], int]) -> None:
        self._capacity = capacity
        self._size_of = size_of
        self._results: OrderedDict[Hashable, T] = OrderedDict()
        self._lock = threading.Lock()
        self._bytes = self._hits = self._misses = 0

    def find(self, key: Hashable) -> T | None:
        """Returns the result for a key, `None` where there is none. Only what is found is counted."""
        with self._lock:
            result = self._results.get(key)
            if result is not None:
                self._results.move_to_end(key)
                self._hits += 1
            return result

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Returns the result for a key, made and kept where there is none. Raises what `make` raises."""
        found = self.find(key)
        if found is not None:
            return found
        made = make()  # outside the lock: others are not to wait for it
        self._keep(key, made)
        return made

    def counts(self) -> CacheCounts:
        """Returns how the cache has been used."""
        with self._lock:
            return CacheCounts(self._hits, self._misses, self._bytes)

    def _keep(self, key: Hashable, result: T) -> None:
        size = self._size_of(result)
        with self._lock:
            self._misses += 1
            if key in self._results or size * _LARGEST_SHARE > self._capacity:
                return
            self._results[key] = result
            self._bytes += size
            while self._bytes > self._capacity:
                _, dropped = self._results.popitem(last=False)
                self._bytes -= self._size_of(dropped)

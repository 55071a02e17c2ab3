"""What the checks of one run share: made by whoever asks first, gone with the run."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")


class Shared:
    """A store that holds one value of each kind. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Callable[[], Any], Any] = {}

    def get(self, make: Callable[[], Value]) -> Value:
        """The run's own value of a kind, made by `make` (a class, say) where nobody has asked for it before."""
        with self._lock:
            if make not in self._values:
                self._values[make] = make()
            value: Value = self._values[make]
            return value

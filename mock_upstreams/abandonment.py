"""Long work that stops when nobody waits for its result any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from mock_upstreams.errors import Abandoned

T = TypeVar("T")

Checkpoint = Callable[[], None]
"""What long work calls every now and then. Raises Abandoned where its result is not wanted any more."""


class Abandonment:
    """Whether the result of some work is still wanted. One thread works, any other may abandon."""

    def __init__(self) -> None:
        self._gone = threading.Event()

    def abandon(self) -> None:
        """Stops the work at its next checkpoint."""
        self._gone.set()

    def checkpoint(self) -> None:
        """Raises Abandoned once the work is abandoned."""
        if self._gone.is_set():
            raise Abandoned("The client has gone before its response was ready.")


def proceed() -> None:
    """The checkpoint of work that is never abandoned."""


def checked(pieces: Iterable[T], checkpoint: Checkpoint) -> Iterator[T]:
    """Yields the pieces, passing a checkpoint before each."""
    for piece in pieces:
        checkpoint()
        yield piece

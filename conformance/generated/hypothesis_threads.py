"""What searches side by side need of the process they run in.

Both measures reach into what belongs to others, so tests hold their effects: source can be parsed in many threads, and the
same seed gives the same cases in every process.
"""

from __future__ import annotations

import ast
import functools
import threading
from typing import Any

from hypothesis.internal.conjecture import providers


@functools.cache
def prepare() -> None:
    """Make the process fit for searches in threads. Doing it again changes nothing.

    Hypothesis parses source to look into lambdas, as pytest does to show failures, and CPython 3.11 fails with a SystemError
    where two threads parse at a time: so they take turns. And Hypothesis draws constants that it finds in the source of
    whatever modules happen to be loaded, so that the same seed would give other cases in another process: so it finds none.
    """
    setattr(ast, "parse", _in_turns(ast.parse))  # noqa: B010 - mypy knows better than to assign to a function
    setattr(providers, "is_local_module_file", _not_of_interest)  # noqa: B010 - private to Hypothesis


def _in_turns(function: Any) -> Any:
    lock = threading.RLock()

    @functools.wraps(function)
    def one_at_a_time(*arguments: Any, **options: Any) -> Any:
        with lock:
            return function(*arguments, **options)

    return one_at_a_time


def _not_of_interest(_: object) -> bool:
    return False

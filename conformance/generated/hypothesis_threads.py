"""Makes Hypothesis deterministic and thread-safe in this process.

Both measures reach into what belongs to others, so tests hold their effects: source can be parsed in many threads, and the
same seed gives the same cases in every process.
"""

from __future__ import annotations

import ast
import functools
import importlib
import threading
from typing import Any

from hypothesis.internal.conjecture import providers

# Modules that parse their own source when they are first imported, which httpcore leaves to the first request.
PARSED_AT_IMPORT = ("anyio", "anyio.abc")


@functools.cache
def prepare() -> None:
    """Make the process fit for searches in threads; to be called before any is started. Doing it again changes nothing.

    Hypothesis parses source to look into lambdas, as pytest does to show failures, and CPython 3.11 fails with a SystemError
    where two threads parse at a time: so `ast.parse` takes a lock, and modules that parse without it are imported now. And
    Hypothesis draws constants that it finds in the source of whatever modules happen to be loaded, so that the same seed
    would give other cases in another process: so it finds none.
    """
    for name in PARSED_AT_IMPORT:
        importlib.import_module(name)
    setattr(ast, "parse", _one_at_a_time(ast.parse))  # noqa: B010 - mypy knows better than to assign to a function
    setattr(providers, "is_local_module_file", _not_of_interest)  # noqa: B010 - private to Hypothesis


def _one_at_a_time(function: Any) -> Any:
    lock = threading.RLock()

    @functools.wraps(function)
    def locked(*arguments: Any, **options: Any) -> Any:
        with lock:
            return function(*arguments, **options)

    return locked


def _not_of_interest(_: object) -> bool:
    return False

"""Makes Hypothesis deterministic, thread-safe and tidy in this process.

The measures reach into what belongs to others, so tests hold their effects: source can be parsed in many threads, the same
seed gives the same cases in every process, and nothing is left in the folder that a run was started in.
"""

from __future__ import annotations

import ast
import functools
import importlib
import os
import threading
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers

# Modules that parse their own source when they are first imported, which httpcore leaves to the first request.
PARSED_AT_IMPORT = ("anyio", "anyio.abc")


@functools.cache
def prepare() -> None:
    """Make the process fit for searches in threads; to be called before any is started. Doing it again changes nothing.

    Hypothesis parses source to look into lambdas, as pytest does to show failures, and CPython 3.11 fails with a SystemError
    where two threads parse at a time: so `ast.parse` takes a lock, and modules that parse without it are imported now. And
    Hypothesis draws constants that it finds in the source of whatever modules happen to be loaded, so that the same seed
    would give other cases in another process: so it finds none. Its tables of characters take over a hundred megabytes
    while they are made, and every thread that finds none makes its own: so they are made now, once.
    """
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        set_hypothesis_home_dir(_folder().name)
    charmap.charmap()
    charmap.intervals_from_codec("utf-8")
    for name in PARSED_AT_IMPORT:
        importlib.import_module(name)
    setattr(ast, "parse", _one_at_a_time(ast.parse))  # noqa: B010 - mypy knows better than to assign to a function
    setattr(providers, "is_local_module_file", _not_of_interest)  # noqa: B010 - private to Hypothesis


@functools.cache
def _folder() -> TemporaryDirectory[str]:
    """Where Hypothesis writes its tables instead of the current folder; gone when the process ends."""
    return TemporaryDirectory(prefix="conformance-hypothesis-", ignore_cleanup_errors=True)


def _one_at_a_time(function: Any) -> Any:
    lock = threading.RLock()

    @functools.wraps(function)
    def locked(*arguments: Any, **options: Any) -> Any:
        with lock:
            return function(*arguments, **options)

    return locked


def _not_of_interest(_: object) -> bool:
    return False

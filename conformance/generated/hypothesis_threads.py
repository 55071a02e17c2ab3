"""Makes Hypothesis deterministic, thread-safe and tidy in this process.

The measures reach into what belongs to others, so tests hold their effects: source can be parsed in many threads, the same
seed gives the same cases in every process, and nothing is left in the folder that a run was started in.
"""

from __future__ import annotations

import ast
import functools
import importlib
import os
import sys
import threading
from collections.abc import Callable
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import core
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal import charmap
from hypothesis.internal.conjecture import providers
from hypothesis.internal.intervalsets import IntervalSet

_Encodable = tuple[IntervalSet, IntervalSet]
_SHARED_RANDOM = Random()  # noqa: S311 - no secret
# Modules that parse their own source when they are first imported, which Schemathesis leaves to the first draw.
PARSED_AT_IMPORT = ("anyio", "anyio.abc")


@functools.cache
def prepare() -> None:
    """Make the process fit for searches in threads; to be called before any is started. Doing it again changes nothing.

    Hypothesis parses source to look into lambdas, as pytest does to show failures, and CPython 3.11 fails with a SystemError
    where two threads parse at a time: so `ast.parse` takes a lock, and modules that parse without it are imported now. And
    Hypothesis draws constants that it finds in the source of whatever modules happen to be loaded, so that the same seed
    would give other cases in another process: so it finds none.
    """
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        set_hypothesis_home_dir(_folder().name)
    for name in PARSED_AT_IMPORT:
        importlib.import_module(name)
    setattr(ast, "parse", _one_at_a_time(ast.parse))  # noqa: B010 - mypy knows better than to assign to a function
    setattr(providers, "is_local_module_file", _not_of_interest)  # noqa: B010 - private to Hypothesis
    setattr(charmap, "intervals_from_codec", _telling_utf_8(charmap.intervals_from_codec))  # noqa: B010 - as well


@functools.cache
def make_tables() -> None:
    """Make Hypothesis's table of characters before any thread draws, as every thread that finds none would make its own.

    Hypothesis warns where that is done before pytest has loaded its plugin.
    """
    charmap.charmap()


def share_random() -> None:
    """Give this thread the one random source that all threads share; to be called before it searches.

    Hypothesis would make one for each thread, look through all objects in memory for who holds it, and save and restore all
    of them around each case. Searches never ask it: they are seeded.
    """
    setattr(core.threadlocal, "_hypothesis_global_random", _SHARED_RANDOM)  # noqa: B010 - private to Hypothesis


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


def _telling_utf_8(function: Callable[[str], _Encodable]) -> Callable[[str], _Encodable]:
    """The characters that a codec can encode, and those of them that come back as others; told for UTF-8."""
    told = (IntervalSet(((0, 0xD7FF), (0xE000, sys.maxunicode))), IntervalSet(()))

    @functools.wraps(function)
    def intervals(codec_name: str) -> _Encodable:
        return told if codec_name == "utf-8" else function(codec_name)

    return intervals


def _not_of_interest(_: object) -> bool:
    return False

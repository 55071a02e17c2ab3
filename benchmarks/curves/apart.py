"""Runs a function in a process of its own, so that its memory and time are its own."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import ParamSpec, TypeVar

from benchmarks.rig.memory import memory_of

P = ParamSpec("P")
T = TypeVar("T")


def apart(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the function returns."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *args, **kwargs).result()


def peak_mb() -> float:
    """The highest resident size of this process so far; `getrusage` would tell that of its parent before it, too."""
    return memory_of(os.getpid()).peak / 1e6

"""Counts the steps that Python code takes, so that a test of growth needs no clock."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any


def steps(work: Callable[[], object]) -> int:
    """The bytecode instructions that `work` executes, in all functions that it calls."""
    count = 0

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def grows_linearly(work: Callable[[int], object], size: int) -> bool:
    """Whether four times the size takes at most about four times the steps."""
    small, large = (steps(lambda size=size: work(size)) for size in (size, 4 * size))
    return large <= 4.5 * small + 1000

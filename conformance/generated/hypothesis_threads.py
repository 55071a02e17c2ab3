"""Two habits of Hypothesis that do not go with searches side by side, and how they are kept from it.

Both are private to Hypothesis, so tests hold the effects: the same seed gives the same cases in every process, and the
recursion limit stays as it is while searches run.
"""

from __future__ import annotations

import sys

from hypothesis.internal.conjecture import junkdrawer, providers

_RECURSION_LIMIT = 4000


class _SteadyLimit(junkdrawer.StackframeLimiter):
    """Leaves the recursion limit alone."""

    def _setrecursionlimit(self, new_limit: int, *, check: bool = True) -> None:
        """Do nothing: the limit has been high enough since ``prepare``."""


def prepare() -> None:
    """Make Hypothesis fit for threads. Doing it again changes nothing.

    It moves the interpreter's recursion limit up and down around every example, and CPython 3.11 fails with a SystemError
    in any other thread that parses Python source meanwhile. And it draws constants that it finds in the source of whatever
    modules happen to be loaded, so that the same seed would give other cases in another process.
    """
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION_LIMIT))
    limiter = _SteadyLimit()  # type: ignore[no-untyped-call]
    setattr(junkdrawer, "_stackframe_limiter", limiter)  # noqa: B010 - private, see above
    setattr(providers, "is_local_module_file", lambda _: False)  # noqa: B010 - private, see above

"""Two habits of Hypothesis that do not go with searches side by side, and how they are kept from it.

Both are private to Hypothesis, so tests hold the effects: searches in many threads come to an end, and the same seed gives
the same cases in every process.
"""

from __future__ import annotations

from hypothesis.internal import lambda_sources
from hypothesis.internal.conjecture import providers


def prepare() -> None:
    """Make Hypothesis fit for threads. Doing it again changes nothing.

    It parses source to describe lambdas, and CPython 3.11 fails with a SystemError where two threads parse at a time. And
    it draws constants that it finds in the source of whatever modules happen to be loaded, so that the same seed would
    give other cases in another process.
    """
    setattr(lambda_sources, "lambda_description", _described)  # noqa: B010 - private, see above
    setattr(providers, "is_local_module_file", _not_of_interest)  # noqa: B010 - private, see above


def _described(_: object) -> str:
    return "lambda: <unknown>"


def _not_of_interest(_: object) -> bool:
    return False

"""What `--select` chooses: requirements by a glob over their ids, or one check of one, as `ID::check`."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from conformance.contracts import Catalogue

_SEPARATOR = "::"


class Selection:
    """The requirements and checks that a run is limited to; all of them for no pattern.

    A glob chooses requirements with all their checks. `ID::check` chooses the check of that very name, as findings and
    `explain` print it; its brackets are no pattern.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        pairs = [pattern.partition(_SEPARATOR) for pattern in patterns]
        self._globs = [glob for glob, _, check in pairs if not check]
        self._checks = {(requirement, check) for requirement, _, check in pairs if check}

    def ids(self, catalogue: Catalogue) -> frozenset[str]:
        """The chosen requirements. Raises UsageError where a pattern matches none."""
        return catalogue.select([*self._globs, *(requirement for requirement, _ in self._checks)])

    def names(self, requirement: str, check: str) -> bool:
        """Whether just this check is asked for, as a rerun does."""
        return (requirement, check) in self._checks

    def admits(self, requirement: str, check: str) -> bool:
        """Whether a check of a chosen requirement is to run."""
        if not self._checks or any(fnmatchcase(requirement, glob) for glob in self._globs):
            return True
        return (requirement, check) in self._checks

"""All mutants, from the modules of `tests.mutants.faults`, and which of them a pattern names."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from fnmatch import fnmatchcase

from tests.mutants import faults
from tests.mutants.fault import Mutant


def all_mutants() -> tuple[Mutant, ...]:
    """Every mutant. Raises ValueError where two have one name."""
    names = sorted(each.name for each in pkgutil.iter_modules(faults.__path__))
    found = [each for name in names for each in importlib.import_module(f"{faults.__name__}.{name}").MUTANTS]
    known: set[str] = set()
    for each in found:
        if each.name in known:
            raise ValueError(f"two mutants are named {each.name}")
        known.add(each.name)
    return tuple(found)


def select(patterns: Iterable[str]) -> tuple[Mutant, ...]:
    """The mutants whose name, or whose requirement, matches any of the globs; all of them for none."""
    globs = tuple(patterns) or ("*",)
    return tuple(
        each for each in all_mutants() if any(fnmatchcase(of, glob) for glob in globs for of in (each.name, each.kills))
    )

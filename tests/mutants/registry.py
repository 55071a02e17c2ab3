"""All mutants of a contract, from the modules of the package that has them, and which of them a pattern names."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from types import ModuleType

from conformance import contracts
from conformance.contracts import Level
from tests.mutants import dialect, faults
from tests.mutants.fault import AUDIO_API, Mutant

_PACKAGES: dict[str, ModuleType] = {AUDIO_API: faults, "openai-audio-2026-11": dialect}


def all_mutants(contract: str = AUDIO_API) -> tuple[Mutant, ...]:
    """Every mutant of the gateway that speaks a contract. Raises ValueError where two have one name."""
    package = _PACKAGES[contract]
    names = sorted(each.name for each in pkgutil.iter_modules(package.__path__))
    found = [each for name in names for each in importlib.import_module(f"{package.__name__}.{name}").MUTANTS]
    known: set[str] = set()
    for each in found:
        if each.name in known:
            raise ValueError(f"two mutants are named {each.name}")
        known.add(each.name)
    return tuple(found)


def borrowed(contract: str) -> dict[str, tuple[Mutant, ...]]:
    """For each MUST that a contract shares with the Audio API: the mutants of that one, as gateways that speak this one."""
    shared, found = contracts.load(contract).catalogue.by_id, defaultdict[str, list[Mutant]](list)
    own = {each.kills for each in all_mutants(contract)}
    for each in all_mutants():
        if each.kills in shared and each.kills not in own and shared[each.kills].level is Level.MUST:
            found[each.kills].append(replace(each, fault=replace(each.fault, contract=contract)))
    return {name: tuple(each) for name, each in found.items()}


def select(patterns: Iterable[str], contract: str = AUDIO_API) -> tuple[Mutant, ...]:
    """The mutants whose name, or whose requirement, matches any of the globs; all of them for none."""
    globs = tuple(patterns) or ("*",)
    return tuple(
        each
        for each in all_mutants(contract)
        if any(fnmatchcase(of, glob) for glob in globs for of in (each.name, each.kills))
    )

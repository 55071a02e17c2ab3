"""Reads a catalogue from the `catalogue` folder of a contract: requirements of its own, and rows that it shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from conformance.contracts.requirements import Catalogue, Requirement
from conformance.contracts.sharing import SharedRow
from conformance.contracts.yaml_files import read_yaml
from conformance.errors import CatalogueError

CatalogueOf = Callable[[str], Catalogue]
"""Finds the catalogue of another contract by its name."""


def read_catalogue(folder: Path, *, version: str, other: CatalogueOf, words: Mapping[str, str]) -> Catalogue:
    """Reads every `*.yaml` of a catalogue's folder; `words` are what shared statements say otherwise here.

    Raises CatalogueError where it contradicts itself.
    """
    by_id: dict[str, Requirement] = {}
    for file in sorted(folder.glob("*.yaml")):
        found = _of_file(file, other, words)
        if twice := [requirement.id for requirement in found if requirement.id in by_id]:
            raise CatalogueError(f"{file.name}: the id {twice[0]} is there twice.", "Leave it out of one row.")
        by_id |= {requirement.id: requirement for requirement in found}
    return Catalogue(version, by_id)


def _of_file(file: Path, other: CatalogueOf, words: Mapping[str, str]) -> list[Requirement]:
    """The requirements of one file. Raises CatalogueError with the file's name."""
    try:
        found = list(_requirements(read_yaml(file), other, words))
    except (msgspec.ValidationError, CatalogueError) as error:
        raise CatalogueError(f"{file.name}: {error}") from error
    counts = Counter(requirement.id for requirement in found)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise CatalogueError(f"{file.name}: the id {twice[0]} is there twice.", "Leave it out of one row.")
    return found


def _requirements(rows: Any, other: CatalogueOf, words: Mapping[str, str]) -> Iterator[Requirement]:
    for index, row in enumerate(msgspec.convert(rows, list[dict[str, Any]])):
        if "shares" in row:
            shared = _converted(row, SharedRow, index)
            yield from shared.taken(other(shared.of), words)
        else:
            yield _converted(row, Requirement, index)


def _converted(row: dict[str, Any], kind: type[Any], index: int) -> Any:
    try:
        return msgspec.convert(row, kind)
    except msgspec.ValidationError as error:
        raise CatalogueError(f"{error}, in row {index + 1}", "CONTRIBUTING.md shows a row.") from error

"""Finds contracts by name: a folder below this package, or any folder that holds a `contract.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec
import yaml

from conformance.contracts.catalogues import CatalogueOf, read_catalogue
from conformance.contracts.contract import Contract, Terms
from conformance.contracts.openapi import Document, shipped_path
from conformance.contracts.requirements import Catalogue, Requirement
from conformance.contracts.yaml_files import read_yaml
from conformance.errors import CatalogueError, UsageError

DEFAULT = "audio-api"
_TERMS = "contract.yaml"
_HERE = Path(__file__).parent


def names() -> tuple[str, ...]:
    """The contracts that ship with the suite, in alphabetical order."""
    return tuple(sorted(folder.parent.name.replace("_", "-") for folder in _HERE.glob(f"*/{_TERMS}")))


def load(name: str = DEFAULT) -> Contract:
    """The contract of that name, or the one whose folder is named.

    Raises UsageError where there is none, CatalogueError where its files contradict each other.
    """
    return _load(name)


@cache
def _load(name: str) -> Contract:
    folder = _folder(name)
    try:
        terms = msgspec.convert(read_yaml(folder / _TERMS), Terms)
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise CatalogueError(f"{folder / _TERMS}: {error}") from error
    catalogue = read_catalogue(
        folder / "catalogue", version=terms.date, other=_other_than(terms.name), words=terms.shared_words
    )
    return Contract(terms, catalogue, _document(folder, terms.document), reference=name)


def _other_than(name: str) -> CatalogueOf:
    """Finds the catalogues of other contracts, for rows that are shared. Raises CatalogueError for its own name."""

    def find(other: str) -> Catalogue:
        if other == name:
            raise CatalogueError(f"{name} shares rows with itself.", "Name the contract that the rows come from.")
        return load(other).catalogue

    return find


def foreign_to(contract: Contract) -> tuple[Requirement, ...]:
    """The requirements that other shipped contracts have and this one lacks: not applicable to whom it judges."""
    others = (load(name) for name in names() if name != contract.name)
    found = {each.id: each for other in others for each in other.catalogue if each.id not in contract.catalogue.by_id}
    return tuple(found.values())


def _folder(name: str) -> Path:
    if name in names():
        return _HERE / name.replace("-", "_")
    folder = Path(name)
    if (folder / _TERMS).is_file():
        return folder
    raise UsageError(f"There is no contract `{name}`.", f"Known: {', '.join(names())}; or a folder with a {_TERMS}.")


def _document(folder: Path, name: str) -> Document:
    """The contract's own OpenAPI document; one that has none in its folder means one that ships, named from the top."""
    own = folder / name
    if own.is_file():
        return Document(own)
    try:
        return Document(shipped_path(name))
    except FileNotFoundError:
        raise CatalogueError(f"{folder / _TERMS}: document: {own} is not there.") from None

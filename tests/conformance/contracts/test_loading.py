"""Contracts are found by name or by folder, and what is wrong with one is named by its file."""

import shutil
from pathlib import Path

import pytest

from conformance import contracts
from conformance.errors import CatalogueError, UsageError

TOY = Path(__file__).parent / "toy"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the toy contract, for tests to spoil."""
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


def test_a_contract_that_ships_is_found_by_its_name() -> None:
    """It is the default, and it is read once in a process."""
    assert contracts.DEFAULT in contracts.names()
    assert contracts.load() is contracts.load(contracts.DEFAULT)
    assert contracts.load().reference == "audio-api"


def test_any_folder_with_a_contract_is_one(folder: Path) -> None:
    """What it was found by is kept, so that it can be found again."""
    found = contracts.load(str(folder))

    assert (found.name, found.date, found.reference) == ("toy", "2026-01-31", str(folder))
    assert found.catalogue.version == "2026-01-31"
    assert found.document.load()["info"]["title"] == "Toy API"


def test_a_name_that_is_none_is_answered_with_those_that_are() -> None:
    """The hint says that a folder would do, too."""
    with pytest.raises(UsageError, match="`toy`") as caught:
        contracts.load("toy")

    assert "Known: audio-api, openai-audio-2026-11; or a folder with a contract.yaml" in caught.value.hint


@pytest.mark.parametrize(
    ("spoilt", "problem"),
    [
        ("title: Toy API", "missing required field `name`"),
        ("[", "contract.yaml"),
    ],
    ids=["missing-field", "no-yaml"],
)
def test_a_spoilt_contract_is_named(folder: Path, spoilt: str, problem: str) -> None:
    """The file and what is wrong in it."""
    (folder / "contract.yaml").write_text(spoilt, encoding="utf-8")

    with pytest.raises(CatalogueError, match=problem) as caught:
        contracts.load(str(folder))

    assert str(folder / "contract.yaml") in caught.value.message


def test_an_unknown_key_of_a_contract_is_refused(folder: Path) -> None:
    """A situation that is written in the wrong place would otherwise be lost without a word."""
    file = folder / "contract.yaml"
    file.write_text(file.read_text(encoding="utf-8") + "served: [200]\n", encoding="utf-8")

    with pytest.raises(CatalogueError, match="unknown field `served`"):
        contracts.load(str(folder))


def test_a_document_that_is_not_there_is_named(folder: Path) -> None:
    """Only the shipped document may be meant without being in the folder."""
    (folder / "openapi.yaml").rename(folder / "other.yaml")
    assert contracts.load(str(folder)).document.load()["info"]["title"] != "Toy API"

    file = folder / "contract.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("openapi.yaml", "third.yaml"), encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"third\.yaml is not there"):
        contracts.load(f"{folder}/")


def test_what_a_contract_lacks_of_the_shipped_ones_is_foreign_to_it() -> None:
    """Each of their requirements once, whether one of them has it or several."""
    shipped = {known for name in contracts.names() for known in contracts.load(name).catalogue.by_id}
    for contract in (contracts.load(str(TOY)), contracts.load()):
        foreign = [each.id for each in contracts.foreign_to(contract)]
        assert sorted(foreign) == sorted(shipped - set(contract.catalogue.by_id))

"""What the documents for contributors name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contract.table import ROOT

DOCUMENTS = ("ARCHITECTURE.md", "CONTRIBUTING.md")
_CODE = re.compile(r"`(?P<code>[^`\s]+)`")


def _named_paths(document: str) -> list[str]:
    """Code that begins with a folder of the project, or is a file at its top by its ending."""
    folders = {each.name for each in ROOT.iterdir() if each.is_dir()}
    found = _CODE.findall((ROOT / document).read_text(encoding="utf-8"))
    return [each for each in found if (each.split("/")[0] in folders and "/" in each) or _is_top_file(each)]


def _is_top_file(name: str) -> bool:
    return "/" not in name and Path(name).suffix in {".md", ".toml", ".ini"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_exists(document: str) -> None:
    """A room that was moved has to be moved here too."""
    paths = _named_paths(document)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_layers_are_those_that_are_held() -> None:
    """The list in ARCHITECTURE.md is import-linter's, top to bottom."""
    rules = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    held = re.search(r"layers = \[(?P<layers>[^\]]+)\]", rules)
    assert held
    layers = [line.replace("conformance.", "") for line in re.findall(r'"([^"]+)"', held["layers"])]
    shown = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert "\n".join(f"      {layer.replace(' | ', ' · ')}" for layer in layers) in shown

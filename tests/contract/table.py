"""The table of clauses, the catalogue and the contract's pages as plain data, for the tests that hold them together."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts.yaml_files import read_yaml
from tests.contract.splitter import FILES

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "docs" / "contract" / "audio-api.md", ROOT / "docs" / "contract" / "rulings.md")
_CONTRACT = ROOT / "conformance" / "contracts" / "audio_api"
TABLE: list[dict[str, Any]] = read_yaml(_CONTRACT / "clauses.yaml")


@functools.cache
def requirements() -> list[dict[str, Any]]:
    """Every entry of the catalogue."""
    files = sorted((_CONTRACT / "catalogue").glob("*.yaml"))
    return [entry for path in files for entry in read_yaml(path)]


def original_folder() -> Path | None:
    """What the pages restate: where AUDIO_CONTRACT_DIR says, else `shared/contract` beside the checkout or above it."""
    named = os.environ.get("AUDIO_CONTRACT_DIR")
    candidates = [Path(named)] if named else [parent / "shared" / "contract" for parent in ROOT.parents]
    found = [folder for folder in candidates if all((folder / name).is_file() for name in FILES)]
    if named and not found:
        pytest.fail(f"AUDIO_CONTRACT_DIR names {named}, which does not hold {' and '.join(FILES)}.")
    return found[0] if found else None

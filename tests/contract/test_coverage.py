"""The table of clauses covers the contract as it stands, and the catalogue covers the table."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.splitter import FILES, Clause, split

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "conformance" / "catalogue"
TABLE: list[dict[str, Any]] = yaml.safe_load((CATALOGUE / "clauses.yaml").read_text(encoding="utf-8"))
# The catalogue is complete from here on; below, it is still being written and the table runs ahead of it.
COMPLETE = 150
MEMBERS = {"id", "source", "sha256", "gist", "requirements"}


def contract_folder() -> Path | None:
    """The contract's texts: where AUDIO_CONTRACT_DIR says, else `shared/contract` beside the checkout or above it."""
    named = os.environ.get("AUDIO_CONTRACT_DIR")
    candidates = [Path(named)] if named else [parent / "shared" / "contract" for parent in ROOT.parents]
    found = [folder for folder in candidates if all((folder / name).is_file() for name in FILES)]
    if named and not found:
        pytest.fail(f"AUDIO_CONTRACT_DIR names {named}, which does not hold {' and '.join(FILES)}.")
    return found[0] if found else None


def requirements() -> dict[str, dict[str, Any]]:
    """The catalogue by id; empty while no requirement file stands beside the table."""
    files = sorted(path for path in CATALOGUE.glob("*.yaml") if path.name != "clauses.yaml")
    entries = [entry for path in files for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return {entry["id"]: entry for entry in entries}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, dict[str, Any]]:
    found = requirements()
    if len(found) < COMPLETE:
        pytest.skip(f"the catalogue is still being written: {len(found)} of at least {COMPLETE} requirements are there")
    return found


def differences(clauses: list[Clause], table: list[dict[str, Any]]) -> list[str]:
    """What the contract holds and the table does not, and the other way round; a changed clause is in both."""
    actual = Counter((clause.source, clause.digest) for clause in clauses)
    listed = Counter((entry["source"], entry["sha256"]) for entry in table)
    new = [f"new in {c.source}: {c.text}" for c in clauses if (c.source, c.digest) in actual - listed]
    gone = [f"gone: {e['id']} ({e['gist']})" for e in table if (e["source"], e["sha256"]) in listed - actual]
    return new + gone


def test_the_table_lists_the_contract_as_it_stands() -> None:
    """No clause was added, changed or removed since the table was written."""
    folder = contract_folder()
    if folder is None:
        pytest.skip("the contract's texts are not here: name their folder in AUDIO_CONTRACT_DIR")
    assert differences(split(folder), TABLE) == []


def test_a_changed_clause_is_noticed() -> None:
    """One word more in one clause shows as a clause that came and one that went."""
    before = [Clause("rulings.md: Statuses", "| a | MUST 400 |"), Clause("rulings.md: Answers", "| b | MAY |")]
    table = [{"id": c.text, "source": c.source, "sha256": c.digest, "gist": "x"} for c in before]
    after = [Clause("rulings.md: Statuses", "| a | SHOULD 400 |"), before[1]]
    assert differences(before, table) == []
    assert differences(after, table) == [
        "new in rulings.md: Statuses: | a | SHOULD 400 |",
        "gone: | a | MUST 400 | (x)",
    ]
    assert differences(before[:1], table) == ["gone: | b | MAY | (x)"]


def test_each_clause_is_listed_once_and_whole() -> None:
    """Every entry has its members; no id stands twice; a clause with a reason not to be tested has no requirements."""
    assert [entry["id"] for entry in TABLE if set(entry) - {"untestable"} != MEMBERS] == []
    assert [entry_id for entry_id, count in Counter(entry["id"] for entry in TABLE).items() if count > 1] == []
    assert [entry["id"] for entry in TABLE if entry.get("untestable") and entry["requirements"]] == []


def test_every_clause_is_judged_or_says_why_not(catalogue: dict[str, dict[str, Any]]) -> None:
    """A clause without requirements and without a reason is a hole in the suite."""
    assert len(catalogue) >= COMPLETE
    assert [entry["id"] for entry in TABLE if not entry["requirements"] and not entry.get("untestable")] == []


def test_clauses_name_only_requirements_that_exist(catalogue: dict[str, dict[str, Any]]) -> None:
    """A dangling id would count as coverage that is not there."""
    named = {(entry["id"], requirement) for entry in TABLE for requirement in entry["requirements"]}
    assert sorted((clause, name) for clause, name in named if name not in catalogue) == []


def test_every_requirement_rests_on_a_clause(catalogue: dict[str, dict[str, Any]]) -> None:
    """What no clause asks for must not be asked of a gateway."""
    named = {requirement for entry in TABLE for requirement in entry["requirements"]}
    assert sorted(set(catalogue) - named) == []

"""The table of clauses covers the contract as it stands, and the catalogue covers the table."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.contract.splitter import Clause, split
from tests.contract.table import TABLE, original_folder, requirements

MEMBERS = {"id", "link", "sha256", "source", "source_sha256", "gist", "requirements"}


def requirement_ids() -> list[str]:
    """Every id of the catalogue."""
    return [entry["id"] for entry in requirements()]


def named() -> list[tuple[str, str]]:
    """Every clause with each id or glob that it names."""
    return [(entry["id"], pattern) for entry in TABLE for pattern in entry["requirements"]]


def differences(clauses: list[Clause], table: list[dict[str, Any]]) -> list[str]:
    """What the contract holds and the table does not, and the other way round; a changed clause is in both."""
    actual = Counter((clause.source, clause.digest) for clause in clauses)
    listed = Counter((entry["source"], entry["source_sha256"]) for entry in table)
    new = [f"new in {c.source}: {c.text}" for c in clauses if (c.source, c.digest) in actual - listed]
    gone = [f"gone: {e['id']} ({e['gist']})" for e in table if (e["source"], e["source_sha256"]) in listed - actual]
    return new + gone


def test_the_table_lists_the_contract_as_it_stands() -> None:
    """No clause was added, changed or removed since the table was written."""
    folder = original_folder()
    if folder is None:
        pytest.skip("the texts that docs/contract restates are not here: name their folder in AUDIO_CONTRACT_DIR")
    assert differences(split(folder), TABLE) == []


def test_a_changed_clause_is_noticed() -> None:
    """One word more in one clause shows as a clause that came and one that went."""
    before = [Clause("rulings.md: Statuses", "| a | MUST 400 |"), Clause("rulings.md: Answers", "| b | MAY |")]
    table = [{"id": c.text, "source": c.source, "source_sha256": c.digest, "gist": "x"} for c in before]
    after = [Clause("rulings.md: Statuses", "| a | SHOULD 400 |"), before[1]]
    assert differences(before, table) == []
    assert differences(after, table) == [
        "new in rulings.md: Statuses: | a | SHOULD 400 |",
        "gone: | a | MUST 400 | (x)",
    ]
    assert differences(before[:1], table) == ["gone: | b | MAY | (x)"]


def test_each_clause_is_listed_once_and_whole() -> None:
    """Every entry has its members; no id stands twice; a clause with a reason not to be tested has no requirements."""
    assert [entry["id"] for entry in TABLE if set(entry) - {"untestable", "planned"} != MEMBERS] == []
    assert [entry_id for entry_id, count in Counter(entry["id"] for entry in TABLE).items() if count > 1] == []
    assert [
        entry["id"] for entry in TABLE if entry.get("untestable") and (entry["requirements"] or entry.get("planned"))
    ] == []


def test_every_clause_is_judged_or_says_why_not() -> None:
    """A clause without requirements and without a reason, or a plan, is a hole in the suite."""
    reasons = ("requirements", "untestable", "planned")
    assert [entry["id"] for entry in TABLE if not any(entry.get(reason) for reason in reasons)] == []


def test_clauses_name_only_requirements_that_exist() -> None:
    """An id or a glob that fits nothing would count as coverage that is not there."""
    ids = requirement_ids()
    assert [(clause, each) for clause, each in named() if not any(fnmatchcase(known, each) for known in ids)] == []


def test_every_requirement_links_to_a_clause_that_names_it() -> None:
    """What no clause asks for must not be asked of a gateway, and a link leads to one that asks."""
    by_link = {entry["link"]: entry["requirements"] for entry in TABLE}
    astray = [
        (entry["id"], entry["link"])
        for entry in requirements()
        if not any(fnmatchcase(entry["id"], each) for each in by_link.get(entry["link"], []))
    ]
    assert astray == []

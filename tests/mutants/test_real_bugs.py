"""The table of real bugs names mutants that exist, and every row that a mutant rebuilds."""

from __future__ import annotations

import re

from tests.mutants.registry import all_mutants
from tests.servers import CHECKOUT

_ROW = re.compile(
    r"^\| (?P<id>[A-I]\d+) \| (?P<reported>[^|]*) \| (?P<wrong>[^|]*) \| (?P<found>[^|]*) \|", re.MULTILINE
)
_REPORT = re.compile(r"[\w.-]+/[\w.-]+#\d+")


def _table() -> list[re.Match[str]]:
    return list(_ROW.finditer((CHECKOUT / "docs" / "real-bugs.md").read_text("utf-8")))


def _rows() -> dict[str, str]:
    return {row["id"]: row["found"] for row in _table()}


def test_each_row_says_what_goes_wrong_and_where_it_can_be_read() -> None:
    """The page stands alone: a sentence, and public reports by repository and number."""
    for row in _table():
        assert all(_REPORT.fullmatch(report) for report in row["reported"].split(", ")), row["id"]
        assert row["wrong"].endswith("."), row["id"]


def test_table_names_mutants_of_its_rows() -> None:
    """Each name in a row is a mutant that rebuilds that row."""
    bugs = {each.name: each.bug for each in all_mutants()}
    for row, found in _rows().items():
        for name in re.findall(r"`([^`]+)`", found):
            assert bugs.get(name) == row, f"{row} names {name}"


def test_every_rebuilt_bug_is_in_the_table() -> None:
    """All 140 rows are there, and one that a mutant rebuilds says so."""
    rows = _rows()
    assert len(rows) == 140
    for each in all_mutants():
        assert not each.bug or "`" in rows[each.bug], f"{each.bug} is rebuilt by {each.name}"

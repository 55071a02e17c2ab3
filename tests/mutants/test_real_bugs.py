"""The table of real bugs names mutants that exist, and every row that a mutant rebuilds."""

from __future__ import annotations

import re

from conformance import contracts
from tests.mutants.fault import Mutant
from tests.mutants.registry import all_mutants
from tests.servers import CHECKOUT

_ROW = re.compile(
    r"^\| (?P<id>[A-Z]\d+) \| (?P<reported>[^|]*) \| (?P<wrong>[^|]*) \| (?P<found>[^|]*) \| (?P<killed>[^|]*) \|$",
    re.MULTILINE,
)
_PAGE = CHECKOUT / "docs" / "real-bugs.md"
_ID = re.compile(r"`([a-z0-9-]+(?:\.[a-z0-9_-]+)+)`")
_KEYS = {"models.transcription_stream"}  # a key of the target file, which looks like an id
_REPORT = re.compile(r"[\w.-]+/[\w.-]+#\d+")


def _table() -> list[re.Match[str]]:
    return list(_ROW.finditer(_PAGE.read_text("utf-8")))


def _rows() -> dict[str, str]:
    return {row["id"]: row["found"] for row in _table()}


def test_each_row_says_what_goes_wrong_and_where_it_can_be_read() -> None:
    """The page stands alone: a sentence, and public reports by repository and number."""
    for row in _table():
        assert all(_REPORT.fullmatch(report) for report in row["reported"].split(", ")), row["id"]
        assert row["wrong"].endswith("."), row["id"]


def _mutants() -> list[Mutant]:
    return [each for name in contracts.names() for each in all_mutants(name)]


def _requirements() -> set[str]:
    return {each for name in contracts.names() for each in contracts.load(name).catalogue.by_id}


def test_the_page_counts_its_rows() -> None:
    """In its first sentences: all of them, those that mutants rebuild, and the others."""
    rows = _rows()
    rebuilt = sum("`" in found for found in rows.values())
    said = re.findall(r"(?m)(?:^|[.] |other )(\d+) (?:faults|of them|rows)", _PAGE.read_text("utf-8"))
    assert list(map(int, said)) == [len(rows), rebuilt, len(rows) - rebuilt]
    assert len(_table()) == len(rows), "an id stands twice"


def test_table_names_mutants_of_its_rows() -> None:
    """Each name in a row is a mutant that rebuilds that row."""
    bugs = {each.name: each.bug for each in _mutants()}
    for row, found in _rows().items():
        for name in re.findall(r"`([^`]+)`", found):
            assert bugs.get(name) == row, f"{row} names {name}"


def test_every_rebuilt_bug_is_in_the_table() -> None:
    """A row that a mutant rebuilds says so."""
    rows = _rows()
    for each in _mutants():
        assert not each.bug or "`" in rows[each.bug], f"{each.bug} is rebuilt by {each.name}"


def test_every_requirement_that_is_named_exists() -> None:
    """In the rows that a mutant rebuilds, and in the table of what gateways of the dialect were seen to do."""
    named = {name for row in _table() if "`" in row["found"] for name in re.findall(_ID, row["killed"])}
    seen = _PAGE.read_text("utf-8").partition("## What gateways of the dialect")[2]
    rows = re.findall(r"(?m)^\| (?!seen|---)[^|]+\| (?P<found>[^|]+) \|$", seen)
    assert len(rows) > 25
    assert [row for row in rows if not re.search(_ID, row) and not row.startswith("\u2013 ")] == []
    assert sorted((named | {name for row in rows for name in re.findall(_ID, row)}) - _requirements() - _KEYS) == []

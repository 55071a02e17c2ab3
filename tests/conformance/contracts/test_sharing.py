"""Rows that a contract takes over from another: the same ids, adapted as the row says, and mistakes that are named."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance import contracts
from conformance.contracts.catalogues import read_catalogue
from conformance.contracts.requirements import Catalogue, Level
from conformance.errors import CatalogueError

THEIRS = [
    {
        "id": f"speech.model.{kind}",
        "level": "MUST",
        "section": "Errors",
        "link": "other.md#errors",
        "statement": f"A speech request with a {kind} model is answered 400, in both forms.",
        "needs": ["speech", "mock"],
    }
    for kind in ("missing", "null")
]
ROW = {"shares": ["speech.*"], "of": "other", "section": "Speech", "link": "own.md#speech"}


def read(folder: Path, rows: list[dict[str, Any]], words: dict[str, str] | None = None) -> Catalogue:
    """The catalogue of these rows, where `other` has the two requirements above."""
    theirs, ours = folder / "theirs", folder / "ours"
    for place, content in ((theirs, THEIRS), (ours, rows)):
        place.mkdir()
        (place / "rows.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    other = read_catalogue(theirs, version="1", other=lambda _: Catalogue("", {}), words={})
    return read_catalogue(ours, version="2", other=lambda _: other, words=words or {})


def test_a_shared_requirement_keeps_its_id_and_has_the_rows_clause(tmp_path: Path) -> None:
    """Level, needs and words are as the row says; without a word in it they are theirs."""
    row = {**ROW, "excepting": ["*.null"], "level": "SHOULD", "needs": ["own_keys"], "without": ["mock"]}
    found = read(tmp_path, [{**row, "words": {"answered 400": "answered 403"}}], {", in both forms": ""})
    (only,) = found

    assert (only.id, only.level, only.section, only.link) == (
        "speech.model.missing", Level.SHOULD, "Speech", "own.md#speech",
    )  # fmt: skip
    assert only.statement == "A speech request with a missing model is answered 403."
    assert only.needs == ("speech", "own_keys")


def test_a_rows_own_words_go_before_those_of_the_contract(tmp_path: Path) -> None:
    """What the row has reworded is no more what the contract's words look for."""
    row = {**ROW, "words": {"answered 400": "answered 404"}}
    found = read(tmp_path, [row], {"answered 400": "refused"})

    assert {each.statement for each in found} == {
        "A speech request with a missing model is answered 404, in both forms.",
        "A speech request with a null model is answered 404, in both forms.",
    }


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"shares": ["speech.*", "nothing.*"]}, r"rows\.yaml: `nothing\.\*` fits no requirement of other"),
        ({"excepting": ["nothing.*"]}, r"`nothing\.\*` fits no requirement"),
        ({"words": {"answered 500": "x"}}, "says `answered 500`"),
        ({"level": "MAY"}, r"Invalid enum value 'MAY'.*in row 1"),
        ({"surprise": 1}, "unknown field `surprise`"),
    ],
    ids=["glob", "exception", "word", "level", "key"],
)
def test_a_row_that_says_nothing_is_a_mistake(tmp_path: Path, change: dict[str, Any], problem: str) -> None:
    """Globs and words that fit nothing have outlived what they were for."""
    with pytest.raises(CatalogueError, match=problem):
        read(tmp_path, [{**ROW, **change}])


@pytest.mark.parametrize("again", [ROW, THEIRS[0]], ids=["shared", "own"])
def test_an_id_stands_once(tmp_path: Path, again: dict[str, Any]) -> None:
    """Taken over twice, or written beside what is taken over: which of the two would hold?"""
    with pytest.raises(CatalogueError, match=r"speech\.model\.missing is there twice"):
        read(tmp_path, [ROW, again])


def test_what_two_contracts_share_is_written_once() -> None:
    """Every requirement that the dialect has in common with the Audio API comes from there, needs and all."""
    ours, theirs = contracts.load("openai-audio-2026-11").catalogue, contracts.load().catalogue
    common = [each for each in ours if each.id in theirs.by_id]

    assert len(common) > 400
    assert [
        each.id for each in common if not set(each.needs) >= set(theirs.by_id[each.id].needs) - {"second_transcription"}
    ] == []

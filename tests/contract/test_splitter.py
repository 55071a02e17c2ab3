"""The splitter cuts where a clause ends, and its digests follow the wording only."""

from __future__ import annotations

import pytest

from tests.contract.splitter import split_text

PAGE = """Audio API
Speaks. Hears.
Speech (Text-to-Speech)
Endpoint
POST /speakRequest
{
"a": {
"b": 1
}, "c": 2
}| Field | Type |
|---|---|
voice | string |
Response
Has headers:
Length— bytes of the audioX-Id— the id
Example
curl -X POST /speak \\
-d '{
"a": "b"
}' \\
--output a.mp3Errors
| Status | Description |
|---|---|
| 400 | Wrong |"""

RULINGS = """# Rulings
What is silent
is ruled. See below.

## Statuses
| situation | ruling |
|---|---|
| one. Two | MUST 400 |
| three | MAY |
"""


def texts(name: str, text: str) -> list[tuple[str, str]]:
    return [(clause.source, clause.text) for clause in split_text(name, text)]


def test_a_page_is_cut_at_its_glued_headings() -> None:
    """Sentences, list entries, rows and code blocks, each under its chapter and section."""
    speech = "page.txt: Speech (Text-to-Speech)"
    assert texts("page.txt", PAGE) == [
        ("page.txt: Audio API", "Speaks."),
        ("page.txt: Audio API", "Hears."),
        (f"{speech} / Endpoint", "POST /speak"),
        (f"{speech} / Request", '{ "a": { "b": 1 }, "c": 2 }'),
        (f"{speech} / Request", "voice | string |"),
        (f"{speech} / Response", "Has headers:"),
        (f"{speech} / Response", "Length— bytes of the audio"),
        (f"{speech} / Response", "X-Id— the id"),
        (f"{speech} / Example", 'curl -X POST /speak \\ -d \'{ "a": "b" }\' \\ --output a.mp3'),
        ("page.txt: Errors", "| 400 | Wrong |"),
    ]


def test_rulings_are_cut_into_sentences_and_whole_rows() -> None:
    """A row stays one clause however many sentences it holds."""
    assert texts("rulings.md", RULINGS) == [
        ("rulings.md: introduction", "What is silent is ruled."),
        ("rulings.md: introduction", "See below."),
        ("rulings.md: Statuses", "| one. Two | MUST 400 |"),
        ("rulings.md: Statuses", "| three | MAY |"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("is silent\nis ruled", "is\nsilent is   ruled", True),
        ("is ruled", "is not ruled", False),
        ("MUST 400", "SHOULD 400", False),
        ("three", "Three", False),
    ],
)
def test_digests_follow_the_wording(before: str, after: str, *, same: bool) -> None:
    """Rewrapping a text changes no digest; any other edit changes one."""
    old = [clause.digest for clause in split_text("rulings.md", RULINGS)]
    new = [clause.digest for clause in split_text("rulings.md", RULINGS.replace(before, after))]
    assert (old == new) is same

"""Links lead somewhere: those of the catalogue, of the table of clauses and of every page of the project."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts.pages import sections, texts
from tests.contract.splitter import split_text
from tests.contract.table import PAGES, ROOT, TABLE, original_folder, requirements

_LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
_HEADING = re.compile(r"^#+ +(?P<title>.+)$", re.MULTILINE)
_ANCHOR_TAG = re.compile(r'<a id="[^"]+"></a>')
# The page names its neighbour by its name here.
_REWORDED = {("The [Audio API](audio-api.md) beside", "`audio-api.txt` beside")}


def _anchors(page: Path) -> set[str]:
    """The ids of a page's anchors, and of its headings as a browser of repositories makes them."""
    text = page.read_text(encoding="utf-8")
    slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in _HEADING.findall(text)}
    return slugs | {anchor for anchor, _ in texts(text)}


def _is_dead(link: str, base: Path) -> bool:
    name, _, anchor = link.partition("#")
    path = (base / name) if name else base
    return not path.exists() or bool(anchor and anchor not in _anchors(path))


def _links(page: Path) -> list[str]:
    return [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]


def _pages() -> list[Path]:
    return sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")])


def test_every_link_of_the_catalogue_leads_to_a_clause() -> None:
    """The page and the anchor exist, and the section is the heading above."""
    headings = {
        f"{page.relative_to(ROOT)}#{anchor}": title
        for page in PAGES
        for anchor, title in sections(page.read_text(encoding="utf-8")).items()
    }
    wrong = [entry["id"] for entry in requirements() if headings.get(entry["link"]) != entry["section"]]
    assert wrong == []


def test_every_clause_has_one_anchor_and_every_anchor_a_clause() -> None:
    """The anchor is the clause's id, with the page in place of its first part."""
    anchors = [
        f"{page.relative_to(ROOT)}#{anchor}" for page in PAGES for anchor, _ in texts(page.read_text(encoding="utf-8"))
    ]
    names = {"contract": "audio-api", "rulings": "rulings"}
    assert anchors == [entry["link"] for entry in TABLE]
    assert [link for link, count in Counter(anchors).items() if count > 1] == []
    for entry in TABLE:
        page, _, name = entry["id"].partition(".")
        assert entry["link"] == f"docs/contract/{names[page]}.md#{name.replace('.', '-')}"


def test_the_table_knows_the_text_of_each_clause() -> None:
    """Whoever edits a clause has to look at what rests on it, and writes the new sha256 into clauses.yaml."""
    written = {
        f"{page.relative_to(ROOT)}#{anchor}": hashlib.sha256(text.encode()).hexdigest()
        for page in PAGES
        for anchor, text in texts(page.read_text(encoding="utf-8"))
    }
    known = {entry["link"]: entry["sha256"] for entry in TABLE}
    assert [f"{link}: sha256: {digest}" for link, digest in written.items() if known.get(link) != digest] == []


def test_the_rulings_are_taken_over_word_for_word() -> None:
    """They are this project's own text: without the anchors, it is the one that they came from."""
    folder = original_folder()
    if folder is None:
        pytest.skip("the texts that docs/contract restates are not here: name their folder in AUDIO_CONTRACT_DIR")
    here = _ANCHOR_TAG.sub("", PAGES[1].read_text(encoding="utf-8"))
    for ours, theirs in _REWORDED:
        here = here.replace(ours, theirs)
    assert split_text("rulings.md", here) == split_text("rulings.md", (folder / "rulings.md").read_text("utf-8"))


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    """Files and anchors of this project; the web is left alone."""
    assert [link for link in _links(page) if _is_dead(link, page if link.startswith("#") else page.parent)] == []


@pytest.mark.parametrize(
    ("link", "dead"),
    [
        ("docs/contract/rulings.md", False),
        ("docs/contract/rulings.md#statuses", False),
        ("docs/contract/rulings.md#statuses-unknown-model", False),
        ("docs/contract/rulings.md#statuses-no-such-row", True),
        ("docs/no-such-page.md", True),
    ],
)
def test_a_dead_link_is_noticed(link: str, *, dead: bool) -> None:
    assert _is_dead(link, ROOT) is dead


def test_nobody_cites_the_contract_without_a_link() -> None:
    """A reader of the catalogue finds the clause by what is written there."""
    loose: list[Any] = [
        entry["id"] for entry in requirements() if "rulings" in f"{entry['section']} {entry['statement']}"
    ]
    assert loose == []

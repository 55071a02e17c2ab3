"""The contract's pages in words, `docs/contract/*.md`: where they lie, and what is written under an anchor.

A requirement's `link` is a path from the top of the project and an anchor, e.g.
`docs/contract/rulings.md#statuses-unknown-model`. A wheel carries the pages beside `openapi.yaml`, so that the same
link leads somewhere with no checkout in sight.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from conformance.contracts.openapi import shipped_path

_HEADING = re.compile(r"#+ +(?P<title>.+)")
_ANCHOR = re.compile(r'<a id="(?P<id>[^"]+)"></a>')
_RULER = re.compile(r"\|[-|: ]+\|")


def place(link: str) -> str:
    """The link as it can be opened on this machine: from the current folder where that is above, else absolute.

    A page that neither the checkout nor an installed wheel has, such as that of a contract from elsewhere, is left as is.
    """
    page, _, anchor = link.partition("#")
    path = _find(page)
    if path is None:
        return link
    here = Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}#{anchor}"


def text_under(link: str) -> str:
    """What the page says under the link's anchor; nothing where the page is not here or has no such anchor."""
    page, _, anchor = link.partition("#")
    return _texts_of(page).get(anchor, "")


@functools.cache
def _texts_of(page: str) -> dict[str, str]:
    """The texts of a shipped page: it does not change while the program runs."""
    path = _find(page)
    return dict(texts(path.read_text(encoding="utf-8"))) if path else {}


def texts(markdown: str) -> Iterator[tuple[str, str]]:
    """Each anchor of a page with its text, white space folded.

    The text of an anchor in a table is its row, cell by cell; any other ends at the next anchor, heading or table.
    """
    for _, anchor, text in _clauses(markdown):
        yield anchor, text


def sections(markdown: str) -> dict[str, str]:
    """The heading above each anchor of a page."""
    return {anchor: title for title, anchor, _ in _clauses(markdown)}


def _find(page: str) -> Path | None:
    try:
        return shipped_path(page)
    except FileNotFoundError:
        return None


def _clauses(markdown: str) -> Iterator[tuple[str, str, str]]:
    for title, block in _blocks(markdown):
        _, *parts = _ANCHOR.split(block)
        for anchor, text in zip(parts[::2], parts[1::2], strict=True):
            yield title, anchor, " ".join(_plain(text).split())


def _blocks(markdown: str) -> Iterator[tuple[str, str]]:
    """Cut a page into rows and stretches of prose, each with the heading above it; headings and table heads are left out."""
    title, prose, in_code = "", "", False
    for line, below in pairwise([*markdown.splitlines(), ""]):
        in_code ^= line.startswith("``")
        heading = None if in_code else _HEADING.fullmatch(line)
        if heading or line.startswith("|"):
            yield title, prose
            prose = ""
        if heading:
            title = heading["title"]
        elif not line.startswith("|"):
            prose += line + "\n"
        elif not any(_RULER.fullmatch(each) for each in (line, below)):
            yield title, line
    yield title, prose


def _plain(text: str) -> str:
    """Without the list dash that leads to the next anchor, or the bars around a row."""
    return text.strip().removesuffix("\n-").removesuffix("|")

"""A page of the contract is read clause by clause, and a link to it can be opened from where one stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.contracts import pages

PAGE = """# Title

<a id="one"></a>First sentence,
on two lines. <a id="two"></a>Second.

Words of no clause.

## Table
<a id="three"></a>Leads in:

| a | b |
|---|---|
| <a id="four"></a>`x` | MUST. Two sentences |
| no clause | y |

- <a id="five"></a>An entry
- <a id="six"></a>A last one with code:

```sh
# no heading
run
```

### Next
Nothing.
"""


def test_each_anchor_has_its_text() -> None:
    """Prose goes on to the next anchor, heading or table; a row is whole; white space is folded."""
    assert list(pages.texts(PAGE)) == [
        ("one", "First sentence, on two lines."),
        ("two", "Second. Words of no clause."),
        ("three", "Leads in:"),
        ("four", "`x` | MUST. Two sentences"),
        ("five", "An entry"),
        ("six", "A last one with code: ```sh # no heading run ```"),
    ]


def test_each_anchor_has_the_heading_above_it() -> None:
    assert pages.sections(PAGE) == {
        "one": "Title",
        "two": "Title",
        "three": "Table",
        "four": "Table",
        "five": "Table",
        "six": "Table",
    }


def test_a_link_is_shown_from_the_folder_one_stands_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Inside the checkout it is short; elsewhere it is the whole path, which exists."""
    link = "docs/contract/rulings.md#statuses-unknown-model"
    root = Path(pages.__file__).parents[2]
    monkeypatch.chdir(root)
    assert pages.place(link) == link
    monkeypatch.chdir(tmp_path)
    assert pages.place(link) == f"{root}/{link}"


def test_the_text_under_a_link_is_the_row() -> None:
    link = "docs/contract/rulings.md#statuses-provider-limit"
    assert pages.text_under(link) == "provider answers 429 | MUST be 429 or 500"


def test_a_page_from_elsewhere_is_named_as_it_is() -> None:
    """A contract in a folder of its own may keep its pages anywhere."""
    assert pages.place("toy.md#a") == "toy.md#a"
    assert pages.text_under("toy.md#a") == ""
    assert pages.text_under("docs/contract/rulings.md#no-such-row") == ""

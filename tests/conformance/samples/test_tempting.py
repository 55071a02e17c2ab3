"""Texts that tempt to be improved: each is changed by what it is there for, and all fit into one request."""

from __future__ import annotations

import pytest

from conformance.samples.tempting import TEMPTING, tempting_text
from tests.mutants.faults.exactness import CHANGES


@pytest.mark.parametrize("change", CHANGES)
def test_every_improvement_shows(change: str) -> None:
    text = tempting_text("mark")
    assert CHANGES[change](text) != text


@pytest.mark.parametrize("name", TEMPTING)
def test_every_text_is_improved_by_something(name: str) -> None:
    assert any(change(TEMPTING[name]) != TEMPTING[name] for change in CHANGES.values())


def test_all_of_them_fit_into_the_longest_input() -> None:
    text = tempting_text("mark" * 8)
    assert all(part in text for part in TEMPTING.values())
    assert len(text) < 4096
    assert text.strip() != text

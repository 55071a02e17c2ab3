"""`--select` takes globs over ids, and one check of a requirement by its very name."""

from __future__ import annotations

import pytest

from conformance import contracts
from conformance.errors import UsageError
from conformance.runner.selection import Selection

CATALOGUE = contracts.load().catalogue
CHECK = "test_x::test_y[mp3-{}]"


def test_no_pattern_chooses_all() -> None:
    assert Selection(()).ids(CATALOGUE) == frozenset(CATALOGUE.by_id)
    assert Selection(()).admits("speech.format.mp3", "any")


def test_a_glob_chooses_requirements_with_all_their_checks() -> None:
    selection = Selection(["speech.format.*"])
    assert "speech.format.mp3" in selection.ids(CATALOGUE)
    assert selection.admits("speech.format.mp3", "any")


def test_a_check_is_chosen_by_its_very_name() -> None:
    selection = Selection([f"speech.format.mp3::{CHECK}", "speech.format.flac"])
    assert selection.ids(CATALOGUE) == {"speech.format.mp3", "speech.format.flac"}
    assert selection.admits("speech.format.mp3", CHECK)
    assert not selection.admits("speech.format.mp3", "test_x::test_y[mp3-a]")
    assert selection.admits("speech.format.flac", "any")


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no\.such"):
        Selection(["no.such::test"]).ids(CATALOGUE)

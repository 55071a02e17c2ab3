"""Texts in findings: a reader sees where two of them part, whatever their length and their script."""

from __future__ import annotations

import pytest

from conformance.judge.texts import around, changed_parts, first_difference, shown, shown_beside


@pytest.mark.parametrize(
    ("one", "other", "place"), [("abc", "abd", 2), ("abc", "abcd", 3), ("", "a", 0), ("a", "a", 1), ("e\u0301", "é", 0)]
)
def test_the_first_difference_is_a_character(one: str, other: str, place: int) -> None:
    assert first_difference(one, other) == place


def test_the_text_around_a_place_is_escaped_and_says_that_more_stands_before() -> None:
    text = "a" * 30 + "é" + "b" * 30
    assert around(text, 30) == f"…'{'a' * 20}\\xe9{'b' * 19}'"
    assert around("é", 0) == "'\\xe9'"


def test_a_long_value_is_cut_short_with_its_length() -> None:
    assert shown({"a": 1}) == "{'a': 1}"
    assert shown("x" * 200) == f"'{'x' * 159}… (202 characters)"


def test_of_long_texts_the_part_is_shown_where_they_differ() -> None:
    one, other = "a" * 300 + "b", "a" * 300 + "c"
    assert shown_beside(one, other) == f"…'{'a' * 20}b', from character 300 on (301 characters)"
    assert shown_beside("short", other) == "'short'"
    assert shown_beside(one, None) == shown(one)


def test_the_parts_that_a_text_no_longer_holds_are_named() -> None:
    parts = {"mail": "a@example.com", "lines": "one\ntwo", "spaces": "a  b"}
    assert changed_parts("[EMAIL] one\r\ntwo a b", parts) == "mail, spaces"
    assert changed_parts("a@example.com one\ntwo a  b", parts) == "what stands around the parts"
    assert changed_parts(None, parts) == "mail, lines, spaces"

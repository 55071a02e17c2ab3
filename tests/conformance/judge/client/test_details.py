"""Judges of verbose_json: shapes, times, sameness."""

from __future__ import annotations

import copy

import pytest

from conformance.judge.client.details import details_equal, duration_equals, has_details, has_duration
from tests.conformance.judge.exchanges import UNANSWERED, transcript

WORDS = [
    {"word": "a", "start": 0, "end": 0.5},
    {"word": "b", "start": 0.5, "end": 0.5},
    {"word": "c", "start": 0.5, "end": 2},
]
SEGMENTS = [
    {"id": 0, "text": " A.", "start": 0.0, "end": 3.1},
    {"id": 1, "text": "B.", "start": 3.0, "end": 4.0, "x": 1},
]


def test_legal_details_pass():
    """Whole numbers, words of no length, overlapping segments, more fields, an empty list where nothing was said."""
    exchange = transcript({"words": WORDS, "segments": SEGMENTS})
    assert has_details(exchange, "words", because="x") is None
    assert has_details(exchange, "segments", because="x") is None
    for silence in ("", " … "):
        assert has_details(transcript({"words": [], "text": silence}), "words", because="x") is None


def test_a_text_with_words_but_no_entries_is_found():
    """An empty list beside a text was not filled in."""
    assert has_details(transcript({"segments": [], "text": "A."}), "segments", because="x") is not None


@pytest.mark.parametrize("value", [None, {}, "words", 5])
def test_details_that_are_no_list_are_found(value):
    assert has_details(transcript({"words": value}), "words", because="x") is not None
    assert has_details(transcript({}), "words", because="x") is not None
    assert has_details(UNANSWERED, "words", because="x") is not None


@pytest.mark.parametrize(
    ("at", "change"),
    [
        (0, {"start": "0.0"}),
        (0, {"end": None}),
        (0, {"start": True}),
        (0, {"start": -1}),
        (1, {"start": 0.6}),
        (2, {"start": 0.4}),
        (1, {"word": 5}),
    ],
)
def test_a_wrong_time_or_word_is_found(at, change):
    words = copy.deepcopy(WORDS)
    words[at].update(change)
    assert has_details(transcript({"words": words}), "words", because="x") is not None


def test_words_under_the_key_of_segments_are_found():
    assert has_details(transcript({"segments": WORDS}), "segments", because="x") is not None


@pytest.mark.parametrize("duration", [0, 2, 2.01, 30.0, 2.5e0])
def test_a_duration_may_be_rounded_or_padded(duration):
    assert has_duration(transcript({"duration": duration}), heard_s=2.0, because="x") is None


@pytest.mark.parametrize("duration", [None, "2.0", True, -1, 2000])
def test_a_duration_of_another_type_or_unit_is_found(duration):
    assert has_duration(transcript({"duration": duration}), heard_s=2.0, because="x") is not None


def equal(got: list, said: list, kind: str = "words") -> bool:
    return details_equal(transcript({kind: got}), kind, said, {}, because="x") is None


def test_equal_details_pass_whatever_else_they_have():
    assert equal(WORDS, WORDS)
    assert equal([{**word, "probability": 0.5} for word in WORDS], WORDS)
    assert equal([{"text": s["text"], "start": s["start"], "end": s["end"]} for s in SEGMENTS], SEGMENTS, "segments")


def test_lost_changed_or_moved_entries_are_found():
    assert not equal(WORDS[:-1], WORDS)
    assert not equal([*WORDS, WORDS[-1]], WORDS)
    assert not equal([{**WORDS[0], "end": 0.51}, *WORDS[1:]], WORDS)
    assert not equal([{**WORDS[0], "word": "A"}, *WORDS[1:]], WORDS)
    assert not equal([{**SEGMENTS[0], "text": "A."}, SEGMENTS[1]], SEGMENTS, "segments")
    assert not equal([{**WORDS[0], "start": None}, *WORDS[1:]], WORDS)


def test_the_duration_is_the_providers():
    assert duration_equals(transcript({"duration": 2.5}), 2.5, {}, because="x") is None
    assert duration_equals(transcript({"duration": 2}), 2.0, {}, because="x") is None
    for wrong in (2, "2.5", None, 2500):
        assert duration_equals(transcript({"duration": wrong}), 2.5, {}, because="x") is not None

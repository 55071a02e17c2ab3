"""Judges of verbose_json: shapes, times, sameness."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from conformance.contracts import TranscriptShape
from conformance.http.exchange import Exchange, Finding
from conformance.judge.client.details import details_equal, duration_equals, has_details, has_duration
from tests.conformance.judge.answers import answered_json, unanswered
from tests.conformance.judge.calls import form_call
from tests.conformance.judge.findings import says

SHAPE = TranscriptShape(kind="object", media_types=("application/json",))
CALL = form_call()
WORDS = [
    {"word": "a", "start": 0, "end": 0.5},
    {"word": "b", "start": 0.5, "end": 0.5},
    {"word": "c", "start": 0.5, "end": 2},
]
SEGMENTS = [
    {"id": 0, "text": " A.", "start": 0.0, "end": 3.1},
    {"id": 1, "text": "B.", "start": 3.0, "end": 4.0, "x": 1},
]


def transcript(document: Any) -> Exchange:
    return answered_json(200, document)


def judged(document: Any, kind: str = "words") -> Finding | None:
    return has_details(transcript(document), kind, SHAPE, because="x")


def test_legal_details_pass() -> None:
    """Whole numbers, words of no length, overlapping segments, more fields, an empty list where no words are."""
    assert judged({"words": WORDS, "segments": SEGMENTS}) is None
    assert judged({"words": WORDS, "segments": SEGMENTS}, "segments") is None
    for silence in ("", " … "):
        assert judged({"words": [], "text": silence}) is None


def test_a_text_with_words_but_no_entries_is_found() -> None:
    """An empty list beside a text was not filled in."""
    finding = judged({"segments": [], "text": "A."}, "segments")
    assert says(finding) == ("x: wrong detail", "segments, a list that is not empty", "segments: []")


def test_the_contract_names_the_text() -> None:
    shape = TranscriptShape(kind="object", media_types=("application/json",), text="words")
    exchange = transcript({"segments": [], "words": "A."})
    assert says(has_details(exchange, "segments", shape, because="x"))[2] == "segments: []"


@pytest.mark.parametrize("value", [None, {}, "words", 5])
def test_details_that_are_no_list_are_found(value: Any) -> None:
    assert says(judged({"words": value}))[1:] == ("words, a list that is not empty", f"words: {value!r}")


def test_absent_details_are_found() -> None:
    assert says(judged({}))[2] == "words: None"
    assert says(has_details(unanswered(), "words", SHAPE, because="x"))[2] == "words: None"


@pytest.mark.parametrize(
    ("at", "change", "problem"),
    [
        (0, {"start": "0.0"}, "words[0] runs from '0.0' to 0.5"),
        (0, {"end": None}, "words[0] runs from 0 to None"),
        (0, {"start": True}, "words[0] runs from True to 0.5"),
        (0, {"start": -1}, "words[0] starts at -1 and ends at 0.5"),
        (1, {"start": 0.6}, "words[1] starts at 0.6 and ends at 0.5; the start of entry 2 goes back from 0.6 to 0.5"),
        (2, {"start": 0.4}, "the start of entry 2 goes back from 0.5 to 0.4"),
        (1, {"word": 5}, "words[1].word is 5"),
    ],
)
def test_a_wrong_time_or_word_is_found(at: int, change: dict[str, Any], problem: str) -> None:
    words = copy.deepcopy(WORDS)
    words[at].update(change)
    assert says(judged({"words": words})) == ("x: wrong detail", "words with times in order", problem)


def test_words_under_the_key_of_segments_are_found() -> None:
    assert says(judged({"segments": WORDS}, "segments"))[2].startswith("segments[0].text is None")


@pytest.mark.parametrize("duration", [0, 2, 2.01, 30.0, 2.5e0])
def test_a_duration_may_be_rounded_or_padded(duration: float) -> None:
    assert has_duration(transcript({"duration": duration}), heard_s=2.0, because="x") is None


@pytest.mark.parametrize(
    ("duration", "expected"),
    [
        (None, "duration, a JSON number"),
        ("2.0", "duration, a JSON number"),
        (True, "duration, a JSON number"),
        (-1, "duration in seconds, of audio that lasts 2 s"),
        (2000, "duration in seconds, of audio that lasts 2 s"),
    ],
)
def test_a_duration_of_another_type_or_unit_is_found(duration: Any, expected: str) -> None:
    finding = has_duration(transcript({"duration": duration}), heard_s=2.0, because="x")
    assert says(finding) == ("x: wrong detail", expected, f"duration: {duration!r}")


def compared(got: list[Any], provided: list[dict[str, Any]], kind: str = "words") -> Finding | None:
    return details_equal(transcript({kind: got}), kind, provided, CALL, because="x")


def test_equal_details_pass_whatever_else_they_have() -> None:
    assert compared(WORDS, WORDS) is None
    assert compared([{**word, "probability": 0.5} for word in WORDS], WORDS) is None
    bare = [{name: entry[name] for name in ("text", "start", "end")} for entry in SEGMENTS]
    assert compared(bare, SEGMENTS, "segments") is None


def test_lost_or_added_entries_are_counted() -> None:
    finding = compared(WORDS[:-1], WORDS)
    assert says(finding) == ("x: wrong detail", "3 words", "2 words")
    assert finding
    assert finding.upstream == (CALL,)
    assert says(compared([*WORDS, WORDS[-1]], WORDS))[1:] == ("3 words", "4 words")


@pytest.mark.parametrize("change", [{"end": 0.51}, {"word": "A"}, {"start": None}])
def test_changed_or_moved_entries_are_shown(change: dict[str, Any]) -> None:
    _, expected, got = says(compared([{**WORDS[0], **change}, *WORDS[1:]], WORDS))
    assert expected.startswith("words[0] ")
    assert got != expected.removeprefix("words[0] ")


def test_a_trimmed_segment_is_found() -> None:
    finding = compared([{**SEGMENTS[0], "text": "A."}, SEGMENTS[1]], SEGMENTS, "segments")
    assert says(finding)[1].startswith("segments[0] ")


def test_the_duration_is_the_providers() -> None:
    assert duration_equals(transcript({"duration": 2.5}), 2.5, CALL, because="x") is None
    assert duration_equals(transcript({"duration": 2}), 2.0, CALL, because="x") is None


@pytest.mark.parametrize("wrong", [2, "2.5", None, 2500])
def test_another_duration_is_found(wrong: Any) -> None:
    finding = duration_equals(transcript({"duration": wrong}), 2.5, CALL, because="x")
    assert says(finding) == ("x: wrong detail", "duration 2.5", f"duration {wrong!r}")
    assert finding
    assert finding.upstream == (CALL,)

"""One comparison of what was sent with what a call has: every legal way to write a value is equal, every other is not."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from conformance.judge.upstream.comparison import (
    differing_values,
    has_value,
    items_of,
    number_in_text,
    numbers_equal,
    texts_equal,
    values_of,
)
from conformance.mock.calls import RecordedCall
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import call, form_call

AS_JSON = answered(200, sent_as="application/json")
AS_FORM = answered(200, sent_as="Multipart/Form-Data; boundary=x")
GRANULARITIES = "timestamp_granularities"


def spoken(**fields: Any) -> RecordedCall:
    return call(fields=[["model", "tts-1"], *map(list, fields.items())])


def in_single_precision(number: float) -> float:
    (held,) = struct.unpack("f", struct.pack("f", number))
    return float(held)


def test_brackets_belong_to_no_name() -> None:
    fields = [("a", "1"), ("a[]", "2"), ("a[0]", "3"), ("a[b]", "4"), ("ab", "5"), ("a[] ", "6")]
    assert values_of(form_call(*fields), "a") == ["1", "2", "3"]
    assert items_of(form_call(("a", ["1", "2"]), ("a[]", "3")), "a") == ["1", "2", "3"]


# The five inputs on which two comparisons once disagreed, and what the rulings say of each.


@pytest.mark.parametrize("number", [0.2, 1.3, 0.7, 1.37, 4.0])
def test_single_precision_is_equal(number: float) -> None:
    """Provider side: numbers are equal that agree to single precision."""
    held = in_single_precision(number)
    assert has_value(AS_JSON, spoken(speed=held), "speed", number)
    assert has_value(AS_FORM, form_call(("temperature", repr(held))), "temperature", number)


def test_an_index_in_brackets_is_a_spelling_of_the_name() -> None:
    """Provider side: only what a name means is compared."""
    call_ = form_call((f"{GRANULARITIES}[0]", "word"), (f"{GRANULARITIES}[1]", "segment"))
    assert has_value(AS_FORM, call_, GRANULARITIES, ["segment", "word"])


def test_a_granularity_that_is_repeated_is_asked_once() -> None:
    """They are a set: the provider gives the same for it."""
    repeated = form_call((f"{GRANULARITIES}[]", "word"), (f"{GRANULARITIES}[]", "word"))
    assert has_value(AS_FORM, repeated, GRANULARITIES, ("word",))
    assert not has_value(AS_FORM, repeated, GRANULARITIES, ["word", "segment"])


def test_a_value_may_be_repeated_and_then_has_to_be_the_same() -> None:
    assert has_value(AS_FORM, form_call(("language", "de"), ("language", "de")), "language", "de")
    assert not has_value(AS_FORM, form_call(("language", "de"), ("language", "en")), "language", "de")


@pytest.mark.parametrize("got", ["1.25", [1.25], True, None])
def test_in_json_a_number_is_a_number(got: Any) -> None:
    """A number as a text is another value there, which a provider need not take."""
    assert not has_value(AS_JSON, spoken(speed=got), "speed", 1.25)
    assert not has_value(AS_JSON, spoken(speed=got), "speed", 1)


@pytest.mark.parametrize("got", ["1.25", "1.250", "125e-2", " 1.25"])
def test_in_a_form_a_number_is_spelt_in_any_way(got: str) -> None:
    assert has_value(AS_FORM, form_call(("temperature", got)), "temperature", 1.25)


@pytest.mark.parametrize("got", ["0", "0.0", "-0.0", "0e0"])
def test_zero_is_zero(got: str) -> None:
    assert has_value(AS_FORM, form_call(("temperature", got)), "temperature", 0)


@pytest.mark.parametrize(("sent", "got"), [(0, 1e-7), (1, 1.00001), (0.2, 0.3), (1, -1)])
def test_other_numbers_are_others(sent: float, got: float) -> None:
    """Zero has no neighbours: the difference is relative."""
    assert not numbers_equal(sent, got)
    assert not has_value(AS_FORM, form_call(("temperature", f"{got}")), "temperature", sent)


@pytest.mark.parametrize("text", ["", "None", "fast", None, [], {}, 10**400])
def test_what_spells_no_number_is_none(text: Any) -> None:
    assert number_in_text(text) is None


SENT = "\ufeffone\ntwo\r\nthree\rfour"
RESPELT = ["\ufeffone\r\ntwo\r\nthree\r\nfour", "one\ntwo\nthree\nfour", "one\rtwo\nthree\r\nfour"]


@pytest.mark.parametrize("got", [SENT, *RESPELT])
@pytest.mark.parametrize("exchange", [AS_JSON, AS_FORM])
def test_line_breaks_and_a_leading_mark_count_as_equal_where_a_form_is_on_the_way(exchange: Any, got: str) -> None:
    """Either the client's request or the provider's: whoever writes or reads a form may respell them."""
    assert has_value(exchange, form_call(("prompt", got)), "prompt", SENT)


@pytest.mark.parametrize("got", RESPELT)
def test_in_json_on_both_sides_they_are_text_like_any_other(got: str) -> None:
    assert has_value(AS_JSON, spoken(input=SENT), "input", SENT)
    assert not has_value(AS_JSON, spoken(input=got), "input", SENT)


@pytest.mark.parametrize(
    "got", ["one two", "one\n\ntwo", "one\ntwo\n", " one\ntwo", "one\u2028two", "o\ufeffne\ntwo", ""]
)
def test_no_other_change_of_a_text_is_equal_in_a_form(got: str) -> None:
    assert not texts_equal("one\ntwo", got, in_form=True)


def test_a_list_in_place_of_a_text_is_another_value() -> None:
    assert not has_value(AS_JSON, spoken(voice=["nova"]), "voice", "nova")


def test_a_field_that_is_absent_has_no_value() -> None:
    for sent in ("nova", 1, ["a"]):
        assert not has_value(AS_JSON, spoken(), "voice", sent)


def test_what_differs_is_listed_and_what_was_empty_is_not_compared() -> None:
    sent = {"voice": "nova", "speed": 1, "input": "", "instructions": None, "extra": [], "tags": ()}
    assert differing_values(AS_JSON, spoken(voice="onyx", speed=1.0), sent) == [("voice", "nova", ["onyx"])]

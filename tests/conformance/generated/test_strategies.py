"""Values that generated cases are made of: valid wherever they have to be, odd wherever they may be."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import contracts
from conformance.generated.strategies import contents, fields_of, in_case, letter_cases, orders, texts

OPERATIONS = contracts.load().operations
DRAWS = settings(max_examples=150, deadline=None)


@DRAWS
@given(st.sampled_from(sorted(OPERATIONS)), st.booleans(), st.data())
def test_no_operation_is_sent_a_field_that_it_has_no_use_for(route: str, mocked: bool, data: st.DataObject) -> None:  # noqa: FBT001 - drawn by position
    """Such a field is ignored, so nothing can be judged by it."""
    operation = OPERATIONS[route]
    fields = dict(data.draw(fields_of(operation, mocked=mocked)))

    assert not set(fields) & {"language", "timestamp_granularities"} & set(operation.unused)
    assert ("temperature" in fields) <= (not operation.takes_text)
    assert ("speed" in fields) <= operation.takes_text


@DRAWS
@given(st.data())
def test_details_are_asked_for_only_where_they_come(data: st.DataObject) -> None:
    """Granularities go with verbose_json, and with a mock that has them."""
    fields: dict[str, Any] = dict(data.draw(fields_of(OPERATIONS["transcriptions"], mocked=True)))
    real = dict(data.draw(fields_of(OPERATIONS["transcriptions"], mocked=False)))

    assert ("timestamp_granularities" in fields) == (fields.get("response_format") == "verbose_json")
    assert "timestamp_granularities" not in real


@DRAWS
@given(st.data())
def test_a_real_provider_is_asked_for_nothing_that_it_may_refuse(data: st.DataObject) -> None:
    """It has voices, formats and bounds of its own."""
    fields = dict(data.draw(fields_of(OPERATIONS["speech"], mocked=False)))

    assert not {"voice", "response_format"} & set(fields)
    assert fields.get("speed", 1) == 1


@DRAWS
@given(texts(), contents())
def test_texts_are_text_and_contents_are_bounded(text: str, content: bytes) -> None:
    """No NUL, which may be refused, no lone surrogate, which is no text, no byte order mark, which is eaten."""
    assert not set(text) & {"\0", "\ufeff"}
    assert text.encode().decode() == text
    assert len(text) <= 40
    assert len(content) <= 400


@DRAWS
@given(letter_cases(), orders(5))
def test_letter_case_and_order_change_nothing_else(pattern: tuple[bool, ...], order: tuple[int, ...]) -> None:
    """The same letters, the same members."""
    assert in_case("Content-Type", pattern).lower() == "content-type"
    assert sorted(order) == [0, 1, 2, 3, 4]

"""Every spelling of a JSON value parses to that value; together they differ in everything that JSON leaves free."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.generated.spelling import Spelling, spellings, write

VALUES = st.dictionaries(
    st.text(max_size=5),
    st.one_of(
        st.text(max_size=20),
        st.sampled_from([0, 1, 4, 0.25, 1.25, 100, -2.5]),
        st.none(),
        st.booleans(),
        st.lists(st.sampled_from(["word", "segment"]), max_size=2),
        st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
    ),
    max_size=5,
)


@settings(max_examples=300, deadline=None)
@given(VALUES, spellings())
def test_every_spelling_means_the_value(value: dict[str, object], spelling: Spelling) -> None:
    """The suite may not change what it says while it changes how it says it."""
    assert json.loads(write(value, spelling)) == value
    assert write(value, spelling).encode()


def test_spellings_differ_in_what_json_leaves_free() -> None:
    """Order of keys, white space, escapes of either case, surrogate pairs, and numbers."""
    value = {"a": "é🦊/", "b": 1}
    assert write(value, Spelling(order=(1, 0))) == '{"b":1,"a":"é🦊/"}'
    assert write(value, Spelling(gaps=(" ",))).startswith(' { "a" : ')
    assert write("é🦊/", Spelling(escapes=("upper",))) == '"\\u00E9\\uD83E\\uDD8A\\u002F"'
    assert write("é/\n", Spelling(escapes=("short",))) == '"é\\/\\n"'
    assert {write(1, Spelling(numbers=(style,))) for style in ("plain", "point", "exponent", "shifted")} == {
        *("1", "1.0", "1e0", "10e-1"),
    }

"""Sentences: where a text is cut, and that nothing is lost in between."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_upstreams.voice.sentences import sentences


@given(st.text(st.sampled_from("ab .!?\n\"')。\uff1f」\u3000\0é"), max_size=2000))
def test_the_pieces_join_to_the_text(text: str) -> None:
    """Whatever is cut: no character is lost or added, no piece is empty or longer than a burst."""
    pieces = sentences(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= 600 for piece in pieces)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", ()),
        ("It costs 12.5 euros in that shop.", ("It costs 12.5 euros in that shop.",)),
        (
            'He asked: "Where is it?" Nobody in the room knew.',
            ('He asked: "Where is it?"', " Nobody in the room knew."),
        ),
        ("Oh. No. Yes.", ("Oh. No. Yes.",)),
        ("A line without an end\nand a second one", ("A line without an end", "\nand a second one")),
        (
            "これは最初の長い長い文章です。これは次の長い長い文章です。",
            ("これは最初の長い長い文章です。", "これは次の長い長い文章です。"),
        ),
    ],
)
def test_sentences_are_cut_where_they_end(text: str, pieces: tuple[str, ...]) -> None:
    """Punctuation and line ends part sentences, white space opens the next, short ones share a breath."""
    assert sentences(text) == pieces

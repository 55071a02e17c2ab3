"""Nothing that a client writes reaches the engine as anything but words."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference_server.upstreams.local_engines.speakable import pieces, speakable

ALLOWED = re.compile(r"[\w .,;:!?%$€£+@=°'-]*")
TEXTS = st.text(st.characters() | st.sampled_from("<>/\"'=&;:.,!?-0123456789 \n\tab\x00\x1b\u2019"), max_size=400)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Hello, world!", "Hello, world!"),
        ('<genfile file="x.wav">a</genfile>', "genfile file= x.wav a genfile"),
        ('<play file="../a b.wav"/>', "play file= . a b.wav"),
        ("<spell>hello</spell>", "spell hello spell"),
        ("\uff1cspell\uff1ehello", "spell hello"),
        ("&lt;spell&gt;", "lt;spell gt;"),
        ("don\u2019t \u2014 'quote' rock-and-roll -5", "don't , quote rock-and-roll 5"),
        ("Wait... what?!", "Wait. what?"),
        ("Größe 5 °C, naïve café", "Größe 5 °C, naïve café"),
        ("\u0663 \uff14", "3 4"),
        ("1234567890123", "1 2 3 4 5 6 7 8 9 0 1 2 3"),
        ("a" * 90, " ".join(["a" * 40, "a" * 40, "a" * 10])),
        ("." * 1500, ""),
        ("'" * 300, ""),
        ("🙂", ""),
        ("a\x00b\x1bc", "a b c"),
    ],
)
def test_a_text_becomes_words(text: str, plain: str) -> None:
    """Markup is read aloud; marks, numbers and words come in lengths that an engine takes."""
    assert speakable(text) == plain


@given(TEXTS)
def test_only_harmless_characters_pass(text: str) -> None:
    """Whatever comes: letters, digits, single marks and blanks go on, in pieces that lose no word."""
    plain = speakable(text)
    assert ALLOWED.fullmatch(plain)
    assert not re.search(r"[.,;:!?]{2}|\d{13}|[^\W\d_]{41}", plain)
    cut = list(pieces(plain))
    assert all(0 < len(piece) <= 240 for piece in cut)
    assert "".join(cut).replace(" ", "") == plain.replace(" ", "")


def _steps(text: str) -> int:
    """Lines of Python run for it; regular expressions count through the time test of the parsers."""
    count = 0

    def trace(*_: object) -> object:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        list(pieces(speakable(text)))
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("unit", ["a", ".", "1", "<a>", "'-", "a. ", "a,", "=", "'a"])
def test_the_work_grows_with_the_length_and_no_faster(unit: str) -> None:
    """Four times the text takes at most about four times the steps."""
    assert _steps(unit * 4000) <= 5 * _steps(unit * 1000) + 1000

"""What generated cases are made of: texts, bytes, file names, the fields of valid requests, letter case.

Nothing here knows a marker or a gateway: values are drawn first and get their marker when they are sent, so that the same
seed gives the same values in every run. All values are hashable.
"""

from __future__ import annotations

import unicodedata
from itertools import cycle
from typing import Any

from hypothesis import strategies as st

from conformance.contracts import Operation

Pairs = tuple[tuple[str, Any], ...]

# Left out of texts: lone surrogates are no text; NUL may be refused; a byte order mark is eaten where a text begins with it.
_CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")
_PRINTABLE = st.characters(exclude_categories=["C", "Z"])
# What normalisation joins, what readers of lines split at, what templates and escapes take for their own.
_TROUBLE = (
    *("e\u0301", "\u00e9", "\u212b", "👩‍👩‍👧‍👦", "🏳️‍🌈", "\U0010fffd", "\u200f", "\ufffd", "\u00a0", "\u2013", "狐"),
    *("\r", "\n", "\r\n", "\t", "  ", "\u2028", "\u0085", "\x1b[31m", "\x7f"),
    *('"', "'", "\\", "\\u0041", "\\n", "%20", "%", "+", "&amp;", "<b>", "{0}", "${HOME}", "{{7*7}}", "null", "=", ";"),
)
_TROUBLING_BYTES = (
    *(b"\r\n", b"\r", b"\n", b"--", b"\r\n--", b"\r\n\r\n", b"Content-Disposition: ", b"0\r\n\r\n"),
    *(b"\0", b"\xff\xfe", b"\x1a", b"%00", b"\xc3", b"\xef\xbb\xbf"),
)
_STEMS = (
    *(
        "../../etc/passwd",
        "C:\\audio\\speech",
        "/srv/audio/a",
        "a/b",
        "a.b.c",
        "con",
        "a;b",
        'filename="x"',
        'a\\"b',
        "a'b",
    ),
    *(
        "100%25",
        "%22",
        "naïve «señor»",
        "狐狸🦊",
        "مرحبا",
        "e\u0301",
        "l" * 250,
        "é" * 120,
        "  x  ",
        "-",
    ),
)


def texts(size: int = 40) -> st.SearchStrategy[str]:
    """Text in any script with what careless hands change: escapes, line ends, marks that normalisation joins."""
    pieces = st.one_of(st.sampled_from(_TROUBLE), st.text(_CHARACTERS, max_size=6))
    return st.lists(pieces, max_size=8).map(lambda drawn: "".join(drawn)[:size])


def contents(size: int = 400) -> st.SearchStrategy[bytes]:
    """Bytes of any kind, rich in line ends, NULs, dashes and what looks like the edge of a form's part."""
    pieces = st.one_of(st.sampled_from(_TROUBLING_BYTES), st.binary(max_size=40))
    return st.lists(pieces, max_size=12).map(lambda drawn: b"".join(drawn)[:size])


def file_names(*, tame: bool) -> st.SearchStrategy[str]:
    """Names of any characters but control characters, some long or like paths, all of them of a wav.

    `tame`: letters, for a real provider.
    """
    letters = st.text(_PRINTABLE.filter(str.isalnum), min_size=1, max_size=20)
    stems = letters if tame else st.one_of(st.sampled_from(_STEMS), texts().map(_without_controls))
    return stems.map(lambda stem: f"{stem}.wav")


def _without_controls(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) != "Cc")


def speech_fields(*, mocked: bool) -> st.SearchStrategy[Pairs]:
    """Optional fields of a speech request that every gateway has to take. Formats are asked of the mock only."""
    # A real provider sets its own bounds for speed, and has voices of its own.
    voices: dict[str, st.SearchStrategy[Any]] = {"voice": st.sampled_from(["alloy", "echo", "nova"])} if mocked else {}
    known = voices | {
        "speed": st.sampled_from([1, 0.25, 0.5, 1.25, 2, 4] if mocked else [1]),
        "instructions": st.sampled_from(["Speak calmly.", "Sprich ruhig, «so»: bitte.", "落ち着いて 🙂"]),
    }
    # The mock speaks wav for a thirtieth of the time that mp3 takes.
    return _some_of(known, always={"response_format": st.just("wav")} if mocked else {})


def transcript_fields(operation: Operation, *, mocked: bool) -> st.SearchStrategy[Pairs]:
    """Optional fields of a transcript request that every gateway has to take; granularities only under verbose_json."""
    known: dict[str, st.SearchStrategy[Any]] = {"temperature": st.sampled_from([0, 0.2, 0.5, 1])}
    if "language" not in operation.unused:
        known["language"] = st.sampled_from(["en", "de", "fr"] if mocked else ["en"])
    plain = _some_of({**known, "response_format": st.just("json")})
    if not mocked or "timestamp_granularities" in operation.unused:
        return plain
    granularities = st.sampled_from([("segment",), ("word",), ("word", "segment"), ("segment", "word")])
    detailed = {"response_format": st.just("verbose_json"), "timestamp_granularities": granularities}
    return st.one_of(plain, _some_of(known, always=detailed))


def fields_of(operation: Operation, *, mocked: bool) -> st.SearchStrategy[Pairs]:
    """Optional fields that every gateway has to take in a request of the operation."""
    return speech_fields(mocked=mocked) if operation.takes_text else transcript_fields(operation, mocked=mocked)


def letter_cases() -> st.SearchStrategy[tuple[bool, ...]]:
    """A pattern of upper and lower case, repeated over the letters of a word."""
    return st.lists(st.booleans(), min_size=1, max_size=8).map(tuple)


def in_case(word: str, pattern: tuple[bool, ...]) -> str:
    return "".join(char.upper() if upper else char.lower() for char, upper in zip(word, cycle(pattern), strict=False))


def orders(size: int) -> st.SearchStrategy[tuple[int, ...]]:
    return st.permutations(range(size)).map(tuple)


def _some_of(
    known: dict[str, st.SearchStrategy[Any]], always: dict[str, st.SearchStrategy[Any]] | None = None
) -> st.SearchStrategy[Pairs]:
    return st.fixed_dictionaries(always or {}, optional=known).map(lambda drawn: tuple(drawn.items()))

"""Makes plain words of whatever a client sends, before the engine sees it.

SVOX Pico takes markup in its text: tags that write sound files, play them, spell, or name phonemes. So the text is not
searched for tags: only what is known to be harmless passes. Letters of European scripts, digits and sentence marks do,
everything else becomes a blank, and a tag is read aloud as the words in it. Runs of marks, digits and letters at which the
engine fails or becomes slow are broken up. All steps take time linear in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# Beyond Latin Extended-B the voices know no letter.
_LAST_LETTER = 0x24F
_MARKS = ".,;:!?"
# Signs that the voices read aloud by their names ("per cent", "plus").
_SIGNS = frozenset("%$€£+@=°")
# Apostrophes, dashes, the full stop and comma of East Asia; what NFKC does not make plain itself.
_TYPOGRAPHY = str.maketrans("\u2018\u2019\u2010\u2011\u2013\u2014\u3002\u3001", "''--,,.,")

_BLANKS = re.compile(r"\s+")
_RUN_OF_MARKS = re.compile(r"([.,;:!?])(?: ?[.,;:!?])+")
_RUN_OF_SIGNS = re.compile(r"([%$€£+@=°'-])\1+")
# An apostrophe or hyphen belongs to a word only between letters or digits.
_STRAY = re.compile(r"(?<!\w)['-]+|['-]+(?!\w)")
_LONG_NUMBER = re.compile(r"\d{13,}")
_LONG_WORD = re.compile(r"([^\W\d_]{40})(?=[^\W\d_])")
_SENTENCE_END = re.compile(r"(?<=[.!?;:]) ")
_PIECE = 240


def speakable(text: str) -> str:
    """`text` as words, digits, signs and single marks; empty when nothing in it can be pronounced."""
    composed = unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY))
    plain = _BLANKS.sub(" ", "".join(map(_passed, composed)))
    plain = _RUN_OF_SIGNS.sub(r"\1", _STRAY.sub(" ", plain))
    plain = _RUN_OF_MARKS.sub(r"\1", plain)
    plain = _LONG_NUMBER.sub(lambda match: " ".join(match[0]), plain)
    plain = _BLANKS.sub(" ", _LONG_WORD.sub(r"\1 ", plain)).strip()
    return plain if any(map(str.isalnum, plain)) else ""


def _passed(letter: str) -> str:
    if letter in _MARKS or letter in _SIGNS or letter in "'-":
        return letter
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    return letter if letter.isalpha() and ord(letter) <= _LAST_LETTER else " "


def pieces(plain: str) -> Iterator[str]:
    """The text in pieces of at most 240 characters, cut at sentences where it can be, else between words.

    One after the other they bound what the engine does, and holds, at a time.
    """
    piece = ""
    for sentence in _SENTENCE_END.split(plain):
        for part in _parts(sentence):
            if piece and len(piece) + 1 + len(part) > _PIECE:
                yield piece
                piece = part
            else:
                piece = f"{piece} {part}".strip()
    if piece:
        yield piece


def _parts(sentence: str) -> Iterator[str]:
    while len(sentence) > _PIECE:
        cut = sentence.rfind(" ", 1, _PIECE)
        end = cut if cut > 0 else _PIECE
        yield sentence[:end].strip()
        sentence = sentence[end:].lstrip()
    if sentence:
        yield sentence

"""Cuts a text into the pieces that are synthesized as one burst each; the pieces join to the whole text."""

from __future__ import annotations

import re

_LONGEST = 600  # characters in one burst: what is lost when a burst is damaged
_SHORTEST = 24  # neighbours share one burst up to here: a chirp and a header for "Oh." would be waste

# A sentence ends after its punctuation or before a line's end. White space belongs to the sentence that follows it,
# as in the segments that Whisper reports. The escapes are the full stops and closing quotes of Chinese and Japanese.
_END = re.compile(r"[.!?][\"')\]]*(?=\s)|[\u3002\uff01\uff1f](?=[^\s\u3002\uff01\uff1f\u300d\u300f])|\S(?=\n)")


def sentences(text: str) -> tuple[str, ...]:
    """Returns the pieces of `text`, none over 600 characters, none empty; an empty text has none."""
    pieces: list[str] = []
    for sentence in _sentences(text):
        for start in range(0, len(sentence), _LONGEST):
            _append(pieces, sentence[start : start + _LONGEST])
    return tuple(pieces)


def _sentences(text: str) -> list[str]:
    ends = [match.end() for match in _END.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True) if start < end]


def _append(pieces: list[str], piece: str) -> None:
    if pieces and len(pieces[-1]) + len(piece) <= _SHORTEST:
        pieces[-1] += piece
    else:
        pieces.append(piece)

"""The sentence that canned servers speak."""

from __future__ import annotations

import base64
from functools import cache

from mock_upstreams import codecs
from mock_upstreams.voice.synthesis import synthesize

SENTENCE = "The quick brown fox."
_RATE = 24_000


@cache
def spoken(audio_format: str = "mp3") -> bytes:
    """It as a whole file."""
    return codecs.encode(synthesize(SENTENCE, _RATE), audio_format)


def in_base64() -> str:
    """It as mp3, as fixtures hold it."""
    return base64.b64encode(spoken()).decode()

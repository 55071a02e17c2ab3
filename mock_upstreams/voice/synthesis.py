"""Synthesizes text: one burst per sentence, padded with silence to a natural pace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.voice.framing import Message, seal
from mock_upstreams.voice.sentences import sentences
from mock_upstreams.voice.tones import modulate

_CHARACTERS_PER_SECOND = 15.0
_SLOWEST, _FASTEST = 0.25, 4.0
_LEAD_SECONDS = 0.1  # encoders need a moment of silence before the first chirp
_LEAST_PAUSE_SECONDS = 0.06


def synthesize(
    text: str, rate: int, *, notes: Mapping[str, Any] | None = None, speed: float = 1.0
) -> NDArray[np.int16]:
    """Returns `text` as mono samples at `rate` Hz: the pieces of `synthesize_pieces`, joined. Raises what it raises."""
    return np.concatenate(list(synthesize_pieces(text, rate, notes=notes, speed=speed)))


def synthesize_pieces(
    text: str, rate: int, *, notes: Mapping[str, Any] | None = None, speed: float = 1.0
) -> Iterator[NDArray[np.int16]]:
    """Returns `text` as mono samples at `rate` Hz (a multiple of 8000), in pieces made as they are asked for.

    A piece is a burst or at most a second of silence; silent pieces share their memory, so that hours of them cost
    nothing. `notes` ride in the first burst and come out of `demodulate` again. `speed` stretches the pauses: the sound
    lasts about 1/15 s per character and unit of speed, but never less than the bursts take (about 1/50 s per
    character of English). Speeds outside 0.25 to 4 sound like the nearest of these.

    Raises UnicodeEncodeError: the text or a note holds a lone surrogate.
    Raises ValueError: the notes are too long for one burst.
    """
    cut = sentences(text)
    sealed = [seal(Message(sentence, None if number else notes)) for number, sentence in enumerate(cut)]
    pace = _CHARACTERS_PER_SECOND * min(max(speed, _SLOWEST), _FASTEST)
    return _pieces(zip(sealed, (len(sentence) / pace for sentence in cut), strict=True), rate)


def _pieces(bursts: Iterable[tuple[bytes, float]], rate: int) -> Iterator[NDArray[np.int16]]:
    """Yields the sound of sealed messages, each with the seconds that it should take."""
    yield from _silence(_LEAD_SECONDS, rate)
    late = 0.0  # seconds: what long bursts took beyond the pace; later pauses make up for it
    for message, seconds in bursts:
        burst = modulate(message, rate)
        yield burst
        late += len(burst) / rate - seconds
        pause = max(_LEAST_PAUSE_SECONDS, -late)
        late += pause
        yield from _silence(pause, rate)


def _silence(seconds: float, rate: int) -> Iterator[NDArray[np.int16]]:
    left = round(seconds * rate)
    while left:
        piece = _second_of_silence(rate)[:left]
        yield piece
        left -= len(piece)


@lru_cache(maxsize=4)
def _second_of_silence(rate: int) -> NDArray[np.int16]:
    silence = np.zeros(rate, np.int16)
    silence.flags.writeable = False
    return silence

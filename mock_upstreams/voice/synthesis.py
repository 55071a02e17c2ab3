"""Synthesizes text: one burst per sentence, padded with silence to a natural pace."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Returns `text` as mono samples at `rate` Hz (a multiple of 8000).

    `notes` ride in the first burst and come out of `demodulate` again. `speed` stretches the pauses: the sound
    lasts about 1/15 s per character and unit of speed, but never less than the bursts take (about 1/50 s per
    character of English). Speeds outside 0.25 to 4 sound like the nearest of these.

    Raises UnicodeEncodeError: the text or a note holds a lone surrogate.
    Raises ValueError: the notes are too long for one burst.
    """
    pace = _CHARACTERS_PER_SECOND * min(max(speed, _SLOWEST), _FASTEST)
    parts = [_silence(_LEAD_SECONDS, rate)]
    late = 0.0  # seconds: `late` is what long bursts took beyond the pace; later pauses make up for it
    for number, sentence in enumerate(sentences(text)):
        burst = modulate(seal(Message(sentence, None if number else notes)), rate)
        late += len(burst) / rate - len(sentence) / pace
        pause = max(_LEAST_PAUSE_SECONDS, -late)
        late += pause
        parts += [burst, _silence(pause, rate)]
    return np.rint(np.concatenate(parts) * 32767).astype(np.int16)


def _silence(seconds: float, rate: int) -> NDArray[np.float32]:
    return np.zeros(round(seconds * rate), np.float32)

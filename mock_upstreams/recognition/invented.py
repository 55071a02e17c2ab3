"""Invents words for sound that is not the mock voice: a person, music, noise.

The mock recognizes none of it, but a transcript must come out: the spelling alphabet, chosen by the sound's own
loudness, so that equal sound gives equal words and silence gives none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.voice import RECOGNITION_RATE

_ALPHABET = (  # noqa: SIM905 - read as the sentence it is
    "alpha bravo charlie delta echo foxtrot golf hotel india juliet kilo lima mike november oscar papa quebec romeo"
    " sierra tango uniform victor whiskey xray yankee zulu"
).split()
_WORDS_PER_SECOND = 2.5
_FRAME = 320  # samples: 20 ms
_FRAMES_PER_SECOND = RECOGNITION_RATE // _FRAME
_BREATH = 15  # frames: shorter pauses do not part two stretches
_SHORTEST = 8  # frames: a click is no speech
_LONGEST = 10 * _FRAMES_PER_SECOND
_QUIETEST = 200  # of 65535, peak to peak; below this everything is silence
_QUIET_FRACTION = 0.1  # of the loudest frame


def loud_passages(samples: NDArray[np.int16]) -> Iterator[tuple[float, float, bytes]]:
    """Yields start and end (seconds, at most 10 s apart) and a fingerprint of each stretch of sound.

    `samples` are mono at 16 kHz.
    """
    loudness = _loudness(samples)
    floor = max(_QUIETEST, _QUIET_FRACTION * float(loudness.max(initial=0)))
    awake = np.convolve(loudness > floor, np.ones(_BREATH), "same") > 0 if len(loudness) else loudness > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], awake.astype(np.int8), [0]])))
    for first, last in edges.reshape(-1, 2).tolist():
        for start in range(first, last, _LONGEST):
            end = min(start + _LONGEST, last)
            if end - start >= _SHORTEST:
                steps = (loudness[start:end] * 4 // (loudness.max() + 1)).astype(np.uint8)
                yield start / _FRAMES_PER_SECOND, end / _FRAMES_PER_SECOND, steps.tobytes()


def invented_words(fingerprint: bytes, seconds: float) -> str:
    """Returns a sentence that takes about `seconds` to say and is always the same for the same fingerprint."""
    digest = hashlib.sha256(fingerprint).digest()
    count = max(1, int(seconds * _WORDS_PER_SECOND))
    words = [_ALPHABET[digest[number % len(digest)] % len(_ALPHABET)] for number in range(count)]
    return " ".join(words).capitalize() + "."


def _loudness(samples: NDArray[np.int16]) -> NDArray[np.int32]:
    """Returns each frame's distance from lowest to highest sample, blind to a constant offset."""
    frames = samples[: len(samples) // _FRAME * _FRAME].reshape(-1, _FRAME)
    loudness: NDArray[np.int32] = frames.max(axis=1).astype(np.int32) - frames.min(axis=1)
    return loudness

"""Finds chirps in a recording and reads tones after them.

Everything here works on mono samples at 16 kHz; a recording may last an hour, so nothing as long as the recording is
made in a wider type than the recording itself.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, checked, proceed
from mock_upstreams.voice.tones import FIRST_TONE, GUARD_SECONDS, SYMBOL_SECONDS, TONES, WINDOW_SECONDS, chirp

RECOGNITION_RATE = 16_000
_SYMBOL = round(SYMBOL_SECONDS * RECOGNITION_RATE)
SAMPLES_PER_BYTE = 2 * _SYMBOL

_GUARD = round(GUARD_SECONDS * RECOGNITION_RATE)
_WINDOW = round(WINDOW_SECONDS * RECOGNITION_RATE)
_TAPER = np.sqrt(np.hanning(_WINDOW + 2)[1:-1])

_CHIRP = chirp(RECOGNITION_RATE)
_SHORTEST_BLOCK, _LONGEST_BLOCK = 1 << 12, 1 << 15  # samples; the transform of a block wants a power of two
_LIKENESS = 0.45  # of 1 for a perfect chirp; at equal loudness of noise and chirp it is still about 0.6
_PEAK_WIDTH = 400  # samples: likenesses above the bar this close together belong to one chirp


def find_chirps(samples: NDArray[np.int16], checkpoint: Checkpoint = proceed) -> NDArray[np.int64]:
    """Returns where chirps seem to start, as rising sample numbers."""
    faintest = 1e-3 * float(np.abs(samples).max(initial=0)) * len(_CHIRP) ** 0.5  # below this it is codec dirt
    size = _block_size(len(samples) + len(_CHIRP))
    starts = checked(range(0, len(samples), size - len(_CHIRP) + 1), checkpoint)
    found = [_find_in_block(samples[start : start + size], start, size, faintest) for start in starts]
    if not found:
        return np.zeros(0, np.int64)
    return _peaks(np.concatenate([at for at, _ in found]), np.concatenate([like for _, like in found]))


def read_bytes(samples: NDArray[np.int16], start: int, count: int) -> tuple[bytes, NDArray[Any]]:
    """Returns `count` bytes read from sample `start` on, and how certain each is: loudest tone over the next one.

    Beyond the end of the recording there is silence, read as doubtful bytes.
    """
    wanted = count * SAMPLES_PER_BYTE
    recognition = samples[max(start, 0) : start + wanted].astype(np.float32)
    symbols = np.pad(recognition, (0, wanted - len(recognition))).reshape(2 * count, _SYMBOL)
    spectrum = np.fft.rfft(symbols[:, _GUARD : _GUARD + _WINDOW] * _TAPER, axis=1)
    loudness = np.abs(spectrum[:, FIRST_TONE : FIRST_TONE + TONES])
    runner_up, winner = np.partition(loudness, TONES - 2, axis=1)[:, -2:].T
    certainty = (winner / (runner_up + 1e-9)).reshape(count, 2).min(axis=1)
    halves = loudness.argmax(axis=1).reshape(count, 2)
    return (halves[:, 0] | halves[:, 1] << 4).astype(np.uint8).tobytes(), certainty


def _block_size(wanted: int) -> int:
    """Returns the shortest block that holds so many samples, or the longest there is."""
    return min(max(1 << (wanted - 1).bit_length(), _SHORTEST_BLOCK), _LONGEST_BLOCK)


@cache
def _chirp_spectrum(size: int) -> NDArray[Any]:
    return np.conj(np.fft.rfft(_CHIRP, size))


def _find_in_block(
    samples: NDArray[np.int16], start: int, size: int, faintest: float
) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
    """Returns the sample numbers in a block of `size` that look like a chirp's start, and how much each does.

    The block is of the recording from sample `start` on; silence fills it up.
    """
    block = np.pad(samples.astype(np.float32), (0, size - len(samples)))
    match = np.fft.irfft(np.fft.rfft(block) * _chirp_spectrum(size), size)[: size - len(_CHIRP) + 1]
    energy = np.concatenate([[0.0], np.cumsum(block.astype(np.float64) ** 2)])
    loudness = np.sqrt(np.maximum(energy[len(_CHIRP) :] - energy[: -len(_CHIRP)], 0.0)) + faintest + 1e-9
    likeness = match / (loudness * float(np.linalg.norm(_CHIRP)))
    at = np.flatnonzero(likeness > _LIKENESS)
    return at + start, likeness[at]


def _peaks(at: NDArray[np.int64], likeness: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Returns the best of each group of neighbouring positions."""
    peaks, first = [], 0
    while first < len(at):
        last = int(np.searchsorted(at, at[first] + _PEAK_WIDTH))
        peaks.append(int(at[first + likeness[first:last].argmax()]))
        first = last
    return np.array(peaks, np.int64)

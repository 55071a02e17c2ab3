"""Finds chirps in a recording and reads tones after them.

Everything here works on mono samples at 16 kHz; a recording may last an hour, so nothing as long as the recording is
made in a wider type than the recording itself.
"""

from __future__ import annotations

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
_FFT = 1 << 15
_STEP = _FFT - len(_CHIRP) + 1
_CHIRP_SPECTRUM = np.conj(np.fft.rfft(_CHIRP, _FFT))
_LIKENESS = 0.45  # of 1 for a perfect chirp; at equal loudness of noise and chirp it is still about 0.6
_PEAK_WIDTH = 400  # samples: likenesses above the bar this close together belong to one chirp


def find_chirps(samples: NDArray[np.int16], checkpoint: Checkpoint = proceed) -> NDArray[np.int64]:
    """Returns where chirps seem to start, as rising sample numbers."""
    faintest = 1e-3 * float(np.abs(samples).max(initial=0)) * len(_CHIRP) ** 0.5  # below this it is codec dirt
    found = [_find_in_block(samples, start, faintest) for start in checked(range(0, len(samples), _STEP), checkpoint)]
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


def _find_in_block(
    samples: NDArray[np.int16], start: int, faintest: float
) -> tuple[NDArray[np.int64], NDArray[np.floating[Any]]]:
    """Returns the sample numbers of one block that look like a chirp's start, and how much each does."""
    block = samples[start : start + _FFT].astype(np.float32)
    block = np.pad(block, (0, _FFT - len(block)))
    match = np.fft.irfft(np.fft.rfft(block) * _CHIRP_SPECTRUM, _FFT)[:_STEP]
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

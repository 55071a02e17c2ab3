"""The sounds of the mock voice: a rising chirp that starts a burst, and one of sixteen tones per half byte.

One tone at a time, because Opus at low bit rates drops the quieter of two parallel tones; tones 100 Hz apart and
symbols of 12 ms, because both are whole numbers of samples at 8, 16, 24 and 48 kHz and survive resampling unhurt.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

TONES = 16
FIRST_TONE = 5  # in units of the spacing: 500 Hz, well above the hum that codecs filter away
SYMBOL_SECONDS = 0.012
WINDOW_SECONDS = 0.010  # the part of a symbol that a listener looks at; 1 / window is the spacing, 100 Hz
GUARD_SECONDS = 0.001  # before and after the window: where neighbouring symbols smear into each other
CHIRP_SECONDS = 0.060
GAP_SECONDS = 0.020  # silence between chirp and first symbol, so that the chirp's echo in a codec dies away

_CHIRP_FROM_HZ, _CHIRP_TO_HZ = 500.0, 2500.0
_LOUDNESS = 0.45


@lru_cache(maxsize=4)
def chirp(rate: int) -> NDArray[np.float32]:
    """Returns the preamble at `rate` Hz, between -1 and 1: a sweep that no speech or music resembles."""
    count = round(CHIRP_SECONDS * rate)
    time = np.arange(count) / rate
    climb = (_CHIRP_TO_HZ - _CHIRP_FROM_HZ) / (2 * CHIRP_SECONDS)
    wave = np.sin(2 * np.pi * (_CHIRP_FROM_HZ + climb * time) * time) * _envelope(count, count // 12)
    return _frozen(wave)


def modulate(data: bytes, rate: int) -> NDArray[np.int16]:
    """Returns `data` as 16-bit samples at `rate` Hz: chirp, gap, then two tones per byte, the low half first."""
    halves = np.frombuffer(data, np.uint8)
    symbols = np.stack([halves & 0x0F, halves >> 4], axis=1).reshape(-1)
    return np.concatenate([_preamble(rate), _alphabet(rate)[symbols].reshape(-1)])


@lru_cache(maxsize=4)
def _preamble(rate: int) -> NDArray[np.int16]:
    """Returns the chirp and the gap after it."""
    return _quantized(np.concatenate([chirp(rate), np.zeros(round(GAP_SECONDS * rate), np.float32)]))


@lru_cache(maxsize=4)
def _alphabet(rate: int) -> NDArray[np.int16]:
    """Returns the sixteen symbols, one per row."""
    count = round(SYMBOL_SECONDS * rate)
    time = np.arange(count) / rate
    number = np.arange(TONES)
    phase = 2 * np.pi * (number * 0.37 % 1.0)  # different phases keep equal neighbours from adding up to a click
    turns = np.outer((FIRST_TONE + number) / WINDOW_SECONDS, time)
    wave = np.sin(2 * np.pi * turns + phase[:, None]) * _envelope(count, round(2 * GUARD_SECONDS * rate))
    return _quantized(_frozen(wave))


def _envelope(count: int, ramp: int) -> NDArray[np.float64]:
    """Returns `count` gains of 1, rising and falling over `ramp` samples: hard edges splatter over all tones."""
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(ramp) / ramp)
    gains = np.ones(count)
    gains[:ramp] = rise
    gains[count - ramp :] = rise[::-1]
    return gains


def _frozen(wave: NDArray[np.float64]) -> NDArray[np.float32]:
    """Returns the wave as a read-only array: it is shared by all threads."""
    shared = wave.astype(np.float32)
    shared.flags.writeable = False
    return shared


def _quantized(wave: NDArray[np.float32]) -> NDArray[np.int16]:
    """Returns the wave at the voice's loudness as read-only 16-bit samples."""
    samples: NDArray[np.int16] = np.rint(wave * np.float32(_LOUDNESS) * 32767).astype(np.int16)
    samples.flags.writeable = False
    return samples

"""The receiver: finds every burst of the mock voice in a recording, whatever sound lies around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, proceed
from mock_upstreams.voice.detection import RECOGNITION_RATE, SAMPLES_PER_BYTE, find_chirps, read_bytes
from mock_upstreams.voice.framing import (
    HEADER_BYTES,
    Block,
    Header,
    Message,
    blocks_of,
    correct,
    open_body,
    read_header,
)
from mock_upstreams.voice.tones import CHIRP_SECONDS, GAP_SECONDS

_FIRST_BYTE = round((CHIRP_SECONDS + GAP_SECONDS) * RECOGNITION_RATE)
_NUDGES = (0, 6, -6, 12, -12)  # samples: a damaged chirp's peak may sit a little beside its true start
_MOST_FAILURES = 500  # chirps without a readable burst after them; more is an attack on the receiver's time


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst: its message, or `None` when it is damaged beyond repair; times in seconds from the start.

    `words_start` is where the message itself begins, after chirp and header; `corrected` counts corrected bytes.
    """

    message: Message | None
    start: float
    words_start: float
    end: float
    corrected: int = 0


def demodulate(samples: NDArray[np.int16], checkpoint: Checkpoint = proceed) -> tuple[Burst, ...]:
    """Returns the bursts in mono `samples` at 16 kHz, in order. A recording without the mock voice has none.

    It stops looking after 500 failures: time stays bounded for a recording made to waste it.
    """
    return tuple(_bursts(samples, checkpoint))


def _bursts(samples: NDArray[np.int16], checkpoint: Checkpoint) -> Iterator[Burst]:
    resume = failures = 0
    for chirp in find_chirps(samples, checkpoint).tolist():
        checkpoint()
        if chirp < resume:  # tones of the burst just read may resemble a chirp
            continue
        found = _find_header(samples, chirp + _FIRST_BYTE)
        burst, end = _read_burst(samples, chirp, *found) if found else (None, chirp)
        if burst is not None:
            yield burst
        if burst is not None and burst.message is not None:
            resume = end
            continue
        failures += 1
        if failures > _MOST_FAILURES:
            return


def _find_header(samples: NDArray[np.int16], start: int) -> tuple[Header, int] | None:
    """Returns a header near sample `start` and the sample after it."""
    for nudge in _NUDGES:
        header = read_header(read_bytes(samples, start + nudge, HEADER_BYTES)[0])
        if header is not None:
            return header, start + nudge + HEADER_BYTES * SAMPLES_PER_BYTE
    return None


def _read_burst(samples: NDArray[np.int16], chirp: int, header: Header, start: int) -> tuple[Burst, int]:
    """Returns the burst whose body starts at sample `start`, and the sample at which to look for the next one."""
    blocks = blocks_of(header.size)
    end = start + sum(block.data + block.parity for block in blocks) * SAMPLES_PER_BYTE
    body, corrected = _read_body(samples, start, blocks)
    message = None if body is None else open_body(header, body)
    received_until = min(end, len(samples))
    started, words_start, ended = (at / RECOGNITION_RATE for at in (chirp, min(start, received_until), received_until))
    return Burst(message, started, words_start, ended, corrected), end - SAMPLES_PER_BYTE


def _read_body(samples: NDArray[np.int16], start: int, blocks: tuple[Block, ...]) -> tuple[bytes | None, int]:
    body, corrected = [], 0
    for block in blocks:
        size = block.data + block.parity
        received, certainty = read_bytes(samples, start, size)
        whole = correct(block, received, np.argsort(certainty).tolist())
        if whole is None:
            return None, corrected
        body.append(whole[0])
        corrected += whole[1]
        start += size * SAMPLES_PER_BYTE
    return b"".join(body), corrected

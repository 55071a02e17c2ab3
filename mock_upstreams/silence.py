"""Encodes sound with long silences, of which only the beginning passes the encoder: it costs as much as any other sound.

For a codec whose packets each stand for themselves, such as MP3 without its reservoir of bits. Once the encoder has been
given nothing but silence for some frames, all that it holds back is silence, and its last packet, which is of silence, may
stand there as often as the silence lasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

_SETTLED_FRAMES = 5  # an MP3 encoder holds back about two


class SilenceSparingEncoder:
    """Encodes mono samples with `stream`, of an output container. `frame` makes a frame of samples from a number on."""

    def __init__(self, stream: Any, frame: Callable[[NDArray[np.int16], int], av.AudioFrame]) -> None:
        stream.codec_context.open()
        self._stream = stream
        self._frame = frame
        self._size: int = stream.codec_context.frame_size
        self._given = self._quiet = self._spared = 0  # samples: given, silent at the end of these, not given
        self._last = av.Packet()

    def packets(self, pieces: Iterable[NDArray[np.int16]]) -> Iterator[av.Packet[Any]]:
        """Yields the packets of all pieces."""
        for piece in pieces:
            if piece.any():
                self._quiet = 0
                yield from self._encoded(piece)
            else:
                yield from self._silence(piece)
        yield from self._encoded(None)

    def _silence(self, piece: NDArray[np.int16]) -> Iterator[av.Packet[Any]]:
        settling = piece[: max(0, _SETTLED_FRAMES * self._size - self._quiet)]
        self._quiet += len(settling)
        yield from self._encoded(settling)
        for _ in range((len(piece) - len(settling)) // self._size):
            yield self._repeated()
        yield from self._encoded(piece[: (len(piece) - len(settling)) % self._size])

    def _encoded(self, piece: NDArray[np.int16] | None) -> Iterator[av.Packet[Any]]:
        if piece is not None and not len(piece):
            return
        for packet in self._stream.encode(None if piece is None else self._frame(piece, self._given)):
            packet.pts = packet.dts = packet.pts + self._spared
            self._last = packet
            yield packet
        self._given += 0 if piece is None else len(piece)

    def _repeated(self) -> av.Packet[Any]:
        packet = av.Packet(bytes(self._last))
        packet.stream, packet.time_base = self._stream, Fraction(1, self._stream.rate)
        packet.pts = packet.dts = (self._last.pts or 0) + self._size
        packet.duration = self._size
        self._spared += self._size
        self._last = packet
        return packet

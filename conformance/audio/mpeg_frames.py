"""MPEG audio layer III, frame by frame: headers and side information (ISO 11172-3, ISO 13818-3, MPEG 2.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_KBITS_MPEG1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_MPEG2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_LAYER_III = 1
_MPEG1 = 3
_MONO = 3
_RESERVED = 3
_MOST_BIG_VALUES = 288
"""Pairs that fit into the 576 lines of a granule."""


@dataclass(frozen=True, slots=True)
class Header:
    """One frame header. `bit_rate` is in bits per second, 0 for free format; `samples` per channel."""

    mpeg1: bool
    sample_rate: int
    channels: int
    bit_rate: int
    padding: int
    has_crc: bool

    @property
    def samples(self) -> int:
        """Samples per channel in the frame."""
        return 1152 if self.mpeg1 else 576

    @property
    def size(self) -> int:
        """Bytes of the whole frame; meaningless for free format."""
        return self.samples // 8 * self.bit_rate // self.sample_rate + self.padding

    @property
    def side_start(self) -> int:
        """Where the side information begins, counted from the frame's first byte."""
        return 6 if self.has_crc else 4

    @property
    def side_size(self) -> int:
        """Bytes of side information."""
        mono, stereo = (17, 32) if self.mpeg1 else (9, 17)
        return mono if self.channels == 1 else stereo

    @property
    def kind(self) -> tuple[bool, int, int]:
        """What may not change inside one stream: MPEG version, sample rate, number of channels."""
        return self.mpeg1, self.sample_rate, self.channels


@dataclass(frozen=True, slots=True)
class Granules:
    """What the side information says: bytes borrowed from earlier frames, bits of main data, and any nonsense."""

    borrowed: int
    bits: int
    nonsense: str | None


def read_header(data: bytes, at: int) -> Header | None:
    """Read the layer III header at `at`; None if none can stand there."""
    word = int.from_bytes(data[at : at + 4], "big")
    version, layer = word >> 19 & 3, word >> 17 & 3
    rate_index, speed_index = word >> 12 & 15, word >> 10 & 3
    if at + 4 > len(data) or word >> 21 != 0x7FF or layer != _LAYER_III or word & 3 == 2:  # emphasis 2 is reserved
        return None
    if version not in _RATES or rate_index == 15 or speed_index == _RESERVED:
        return None
    kbits = (_KBITS_MPEG1 if version == _MPEG1 else _KBITS_MPEG2)[rate_index]
    return Header(
        mpeg1=version == _MPEG1,
        sample_rate=_RATES[version][speed_index],
        channels=1 if word >> 6 & 3 == _MONO else 2,
        bit_rate=kbits * 1000,
        padding=word >> 9 & 1,
        has_crc=not word >> 16 & 1,
    )


def free_format_size(data: bytes, at: int, header: Header, stop: int) -> int:
    """Bytes of a free-format frame without its padding, measured to the next header alike, or to `stop`."""
    follower = data.find(data[at : at + 2], at + header.side_start + header.side_size, stop)
    while follower >= 0:
        other = read_header(data, follower)
        if other is not None and other.kind == header.kind and not other.bit_rate:
            return follower - at - header.padding
        follower = data.find(data[at : at + 2], follower + 1, stop)
    return stop - at - header.padding


def read_granules(data: bytes, at: int, header: Header) -> Granules:
    """Read the side information of the frame at `at`, which must be whole."""
    start = at + header.side_start
    bits = _Bits(data[start : start + header.side_size])
    borrowed = bits.take(9 if header.mpeg1 else 8)
    if header.mpeg1:
        bits.take((5 if header.channels == 1 else 3) + 4 * header.channels)
    else:
        bits.take(header.channels)
    total, nonsense = 0, None
    for length, fault in _granules(bits, header):
        total += length
        nonsense = nonsense or fault
    return Granules(borrowed, total, nonsense)


class _Bits:
    """Takes fields off the front of a few bytes."""

    __slots__ = ("_left", "_value")

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        return self._value >> self._left & ((1 << count) - 1)


def _granules(bits: _Bits, header: Header) -> Iterator[tuple[int, str | None]]:
    """Length in bits of each granule of each channel, and what is impossible about it."""
    for _ in range((2 if header.mpeg1 else 1) * header.channels):
        length, big_values = bits.take(12), bits.take(9)
        bits.take(8 + (4 if header.mpeg1 else 9))
        switched, block_type = bits.take(1), bits.take(2)
        bits.take(20 + (3 if header.mpeg1 else 2))
        fault = None
        if big_values > _MOST_BIG_VALUES:
            fault = f"{big_values} value pairs in a granule of {_MOST_BIG_VALUES}"
        elif switched and not block_type:
            fault = "reserved block type"
        yield length, fault

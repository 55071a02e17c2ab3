"""The three checksums that audio containers carry and Python's library does not have."""

from __future__ import annotations

import zlib

_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _table(width: int, polynomial: int) -> tuple[int, ...]:
    """Remainders of every byte for an unreflected CRC of `width` bits."""
    top, mask = 1 << (width - 1), (1 << width) - 1

    def remainder(byte: int) -> int:
        value = byte << (width - 8)
        for _ in range(8):
            value = ((value << 1) ^ polynomial if value & top else value << 1) & mask
        return value

    return tuple(remainder(byte) for byte in range(256))


_CRC8 = _table(8, 0x07)
_CRC16 = _table(16, 0x8005)


def crc8(data: bytes) -> int:
    """CRC-8 of a FLAC frame header (RFC 9639, 9.1.8). 0 over a header together with its own checksum."""
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def crc16(data: bytes, value: int = 0) -> int:
    """CRC-16 of a FLAC frame (RFC 9639, 9.3), carried on from `value`. 0 over a frame with its own checksum."""
    table = _CRC16
    for byte in data:
        value = ((value & 0xFF) << 8) ^ table[(value >> 8) ^ byte]
    return value


def crc16_mirrored(data: bytes) -> int:
    """CRC-16 with mirrored bits, which LAME writes into its tag over the tag itself and over the music."""
    return _mirror(crc16(data.translate(_MIRRORED)), 16)


def ogg_crc32(page: bytes) -> int:
    """CRC-32 of an Ogg page (RFC 3533, 6) whose checksum field is zeroed.

    It is zlib's polynomial with the bits the other way round and without the two inversions, so mirrored input and
    output make zlib's fast loop do the work.
    """
    return _mirror(zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF, 32)


def _mirror(value: int, width: int) -> int:
    return int(f"{value:0{width}b}"[::-1], 2)

"""How long an Opus packet plays, and whether its framing holds (RFC 6716, 3)."""

from __future__ import annotations

_LONGEST = 5760
"""Samples at 48 kHz in the longest packet allowed, 120 ms."""
_LARGEST_FRAME = 1275
_SILK = (480, 960, 1920, 2880)
_HYBRID = (480, 960)
_CELT = (120, 240, 480, 960)


def packet_samples(packet: bytes) -> int:
    """Read from its first bytes how many samples per channel, at 48 kHz, the packet holds; 0 if that is not legal."""
    samples = frame_samples(packet[0] >> 3) * _frame_count(packet) if packet else 0
    return samples if samples <= _LONGEST else 0


def frame_samples(configuration: int) -> int:
    """Look up the samples at 48 kHz in each frame of a packet with this configuration number (0 to 31)."""
    if configuration < 12:
        return _SILK[configuration % 4]
    return _HYBRID[configuration % 2] if configuration < 16 else _CELT[configuration % 4]


def framing_holds(packet: bytes) -> bool:
    """Whether the frame sizes written in the packet fit the bytes that are there. Only for single-stream packets."""
    if not packet_samples(packet):
        return False
    code, rest = packet[0] & 3, packet[1:]
    if code == 0:
        return len(rest) <= _LARGEST_FRAME
    if code == 1:
        return len(rest) % 2 == 0 and len(rest) // 2 <= _LARGEST_FRAME
    if code == 2:
        sizes = _sizes(rest, 1)
        return sizes is not None and sizes[0] <= sizes[1] and sizes[1] - sizes[0] <= _LARGEST_FRAME
    return _many_frames_fit(rest)


def _frame_count(packet: bytes) -> int:
    code = packet[0] & 3
    if code < 3:
        return 1 if code == 0 else 2
    return packet[1] & 63 if len(packet) > 1 else 0


def _many_frames_fit(rest: bytes) -> bool:
    count, variable, padded = rest[0] & 63, rest[0] & 0x80, rest[0] & 0x40
    rest = rest[1:]
    if padded:
        unpadded = _without_padding(rest)
        if unpadded is None:
            return False
        rest = unpadded
    if not variable:
        return len(rest) % count == 0 and len(rest) // count <= _LARGEST_FRAME
    sizes = _sizes(rest, count - 1)
    return sizes is not None and sizes[0] <= sizes[1] and sizes[1] - sizes[0] <= _LARGEST_FRAME


def _without_padding(rest: bytes) -> bytes | None:
    padding = 0
    for index, byte in enumerate(rest):
        padding += min(byte, 254)
        if byte < 255:
            end = len(rest) - padding
            return rest[index + 1 : end] if end > index else None
    return None


def _sizes(rest: bytes, count: int) -> tuple[int, int] | None:
    """Sum of the `count` sizes coded at the front, and the bytes behind them; None if the codes themselves are cut."""
    at = total = 0
    for _ in range(count):
        if at >= len(rest) or (rest[at] >= 252 and at + 1 >= len(rest)):
            return None
        long = rest[at] >= 252
        total += rest[at] + (4 * rest[at + 1] if long else 0)
        at += 2 if long else 1
    return total, len(rest) - at

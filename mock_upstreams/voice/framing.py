"""Bytes of one burst: text and notes, compressed, checksummed, and protected by error correction.

    header (6 bytes + 8 of parity)   magic, flags, length of the body, its CRC-32's low half
    body (4 to 65535 bytes)          CRC-32 of the message, then the message, deflated if that helps
                                     in blocks of up to 223 bytes, each followed by its own parity

    message                          [length of notes, notes as JSON,] text as UTF-8

The parity is Reed-Solomon: it corrects up to a sixteenth of a long block, more where the receiver can say which bytes
are doubtful. Whatever passes it must still pass two checksums, so a text is received exactly or not at all.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import reedsolo

_MAGIC = 0xB5
_DEFLATED, _NOTED = 1, 2
_HEADER = struct.Struct("<BBHH")
_HEADER_PARITY = 8
HEADER_BYTES = _HEADER.size + _HEADER_PARITY

_BLOCK_DATA = 223
_MOST_PARITY = 32
_MOST_MESSAGE = 1 << 17  # bytes; a body that inflates to more is a bomb, not a sentence

# Deflate starts with these phrases already seen, which shortens short English sentences by about a third.
_FAMILIAR = (
    b" question answer number people because through should would could their there where which about another before"
    b" morning evening always never every little great world again house water place right small still those other"
    b" were been have with this from they what when your will more some time into only then them these please thank"
    b" The quick brown fox jumped over the lazy dog. Hello, world! This is a test of the audio gateway. marker case-"
    b" the and of to in is you that it he was for on are as his at be one had by not but all we an or er ed ing tion. "
    b'{"model":"gpt-4o-mini-tts","voice":"alloy","speed":2.0,"response_format":"flac","instructions":"Speak in a calm '
    b'{"model":"tts-1","response_format":"mp3","speed":1.0,"voice":"alloy"}The '
)

reedsolo.init_tables(0x11D)  # once, while the import lock is held: the tables are the library's module globals


@dataclass(frozen=True, slots=True)
class Message:
    """The content of one burst; `notes` is its metadata, `None` when it carries none."""

    text: str
    notes: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What the header announces: flags, size of the body in bytes, checksum of the body."""

    flags: int
    size: int
    checksum: int


@dataclass(frozen=True, slots=True)
class Block:
    """One protected stretch of a body: `data` bytes followed by `parity` bytes."""

    data: int
    parity: int


def seal(message: Message) -> bytes:
    """Returns the bytes of a burst.

    Raises UnicodeEncodeError: the text holds a lone surrogate, which UTF-8 cannot carry.
    Raises ValueError: text and notes together do not fit into one burst.
    """
    plain, flags = _plain(message)
    if len(plain) > _MOST_MESSAGE:
        raise ValueError(f"a burst carries at most {_MOST_MESSAGE} bytes, not {len(plain)}")
    packed, deflated = _deflate(plain)
    body = struct.pack("<I", zlib.crc32(plain)) + packed
    if len(body) > 0xFFFF:
        raise ValueError(f"a burst carries at most 65535 deflated bytes, not {len(body)}")
    header = _HEADER.pack(_MAGIC, flags | deflated, len(body), zlib.crc32(body) & 0xFFFF)
    return _protected(header, _HEADER_PARITY) + _protected_body(body)


def read_header(received: bytes) -> Header | None:
    """Returns the header in `HEADER_BYTES` received bytes, or `None` where there is none."""
    corrected = _correct(received, _HEADER_PARITY, ())
    if corrected is None:
        return None
    magic, flags, size, checksum = _HEADER.unpack(corrected[0])
    known = magic == _MAGIC and flags <= _DEFLATED | _NOTED and size >= 4
    return Header(flags, size, checksum) if known else None


def blocks_of(size: int) -> tuple[Block, ...]:
    """Returns the protected blocks that carry a body of `size` bytes, in order."""
    whole, rest = divmod(size, _BLOCK_DATA)
    sizes = [_BLOCK_DATA] * whole + ([rest] if rest else [])
    return tuple(Block(data, _parity(data)) for data in sizes)


def correct(block: Block, received: bytes, doubtful: Sequence[int]) -> tuple[bytes, int] | None:
    """Returns the data of a block and how many bytes were corrected, or `None` when it is beyond repair.

    `doubtful` lists byte positions of the block, the least certain first: a byte known to be wrong costs half the
    parity of one that must be found, so the worst are given up on when nothing else helps.
    """
    for given_up in (0, block.parity // 2, block.parity * 3 // 4):
        corrected = _correct(received, block.parity, doubtful[:given_up])
        if corrected is not None:
            return corrected
    return None


def open_body(header: Header, body: bytes) -> Message | None:
    """Returns the message in a corrected body, or `None` when any checksum or length contradicts it."""
    if zlib.crc32(body) & 0xFFFF != header.checksum:
        return None
    plain = _inflate(body[4:]) if header.flags & _DEFLATED else body[4:]
    if plain is None or zlib.crc32(plain) != struct.unpack_from("<I", body)[0]:
        return None
    try:
        return _message(plain, noted=bool(header.flags & _NOTED))
    except (ValueError, struct.error):  # right checksums around something that this voice never sent
        return None


def _plain(message: Message) -> tuple[bytes, int]:
    text = message.text.encode()
    if message.notes is None:
        return text, 0
    notes = json.dumps(message.notes, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    if len(notes) > 0xFFFF:
        raise ValueError(f"the notes of a burst take at most 65535 bytes, not {len(notes)}")
    return struct.pack("<H", len(notes)) + notes + text, _NOTED


def _message(plain: bytes, *, noted: bool) -> Message:
    if not noted:
        return Message(plain.decode())
    (length,) = struct.unpack_from("<H", plain)
    notes = json.loads(plain[2 : 2 + length])
    if not isinstance(notes, dict):
        raise ValueError("notes are a JSON object")  # noqa: TRY004 - a fact about the data, not a caller's mistake
    return Message(plain[2 + length :].decode(), notes)


def _deflate(plain: bytes) -> tuple[bytes, int]:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, _FAMILIAR)
    packed = compressor.compress(plain) + compressor.flush()
    return (packed, _DEFLATED) if len(packed) < len(plain) else (plain, 0)


def _inflate(packed: bytes) -> bytes | None:
    decompressor = zlib.decompressobj(-15, _FAMILIAR)
    try:
        plain = decompressor.decompress(packed, _MOST_MESSAGE)
    except zlib.error:
        return None
    return plain if decompressor.eof else None


def _parity(data: int) -> int:
    """Returns the parity of a block: about a quarter, never less than corrects four bytes."""
    return max(8, min(_MOST_PARITY, 2 * ((data + 7) // 8)))


def _protected_body(body: bytes) -> bytes:
    protected, start = [], 0
    for block in blocks_of(len(body)):
        protected.append(_protected(body[start : start + block.data], block.parity))
        start += block.data
    return b"".join(protected)


def _protected(data: bytes, parity: int) -> bytes:
    return bytes(reedsolo.rs_encode_msg(data, parity))


def _correct(received: bytes, parity: int, given_up: Sequence[int]) -> tuple[bytes, int] | None:
    try:
        data, _, corrected = reedsolo.rs_correct_msg(received, parity, erase_pos=sorted(given_up) or None)
    except (reedsolo.ReedSolomonError, ZeroDivisionError, IndexError):  # the last two: its way to say "hopeless"
        return None
    return bytes(data), len(corrected)

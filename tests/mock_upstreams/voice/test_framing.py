"""The bytes of a burst: what is sealed comes out again, through damage, or not at all."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_upstreams.voice import framing
from mock_upstreams.voice.framing import HEADER_BYTES, Message, blocks_of, correct, open_body, read_header, seal

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)


def _unseal(sealed: bytes) -> Message | None:
    """Undo ``seal`` with the steps that a listener takes, without any doubt about the bytes."""
    header = read_header(sealed[:HEADER_BYTES])
    if header is None:
        return None
    body, start = b"", HEADER_BYTES
    for block in blocks_of(header.size):
        corrected = correct(block, sealed[start : start + block.data + block.parity], ())
        if corrected is None:
            return None
        body += corrected[0]
        start += block.data + block.parity
    return open_body(header, body)


@given(text=_TEXTS, notes=st.none() | st.dictionaries(_TEXTS, _TEXTS | st.floats(allow_nan=False), max_size=3))
@settings(max_examples=100, deadline=None)
def test_a_sealed_message_opens_again(text: str, notes: dict[str, object] | None) -> None:
    """Text and notes come out as they went in; no notes and empty notes are different things."""
    assert _unseal(seal(Message(text, notes))) == Message(text, notes)


@given(text=_TEXTS.filter(bool), seed=st.integers(0, 1000), damaged=st.integers(1, 40))
@settings(max_examples=100, deadline=None)
def test_damage_never_changes_a_message(text: str, seed: int, damaged: int) -> None:
    """However many bytes are wrong, the message is exact or missing."""
    chance = random.Random(seed)
    sealed = bytearray(seal(Message(text)))
    for _ in range(damaged):
        sealed[chance.randrange(len(sealed))] ^= chance.randrange(1, 256)
    assert _unseal(bytes(sealed)) in (Message(text), None)


def test_four_wrong_bytes_in_each_part_are_mended() -> None:
    """The least armour there is, that of a short body, mends four bytes."""
    sealed = bytearray(seal(Message("Hello.")))
    for position in (0, 3, 5, 9, HEADER_BYTES, HEADER_BYTES + 2, HEADER_BYTES + 4, HEADER_BYTES + 6):
        sealed[position] ^= 0x5A
    assert _unseal(bytes(sealed)) == Message("Hello.")


def test_doubtful_bytes_are_given_up_on() -> None:
    """Six wrong bytes are too many to find, but not too many to restore once the listener doubts them."""
    body = seal(Message("Hello."))[HEADER_BYTES:]
    block = blocks_of(len(body) - 8)[0]
    wrong = bytearray(body)
    for position in range(6):
        wrong[position] ^= 0x5A
    assert correct(block, bytes(wrong), ()) is None
    assert correct(block, bytes(wrong), tuple(range(len(body)))) == (body[:-8], 6)


def test_a_bomb_is_not_inflated() -> None:
    """A body that inflates beyond any sentence is refused, though its checksums are right."""
    plain = b"a" * (framing._MOST_MESSAGE + 1)
    squeezed, flags = framing._deflate(plain)
    body = zlib.crc32(plain).to_bytes(4, "little") + squeezed
    header = framing.Header(flags, len(body), zlib.crc32(body) & 0xFFFF)
    assert flags == 1
    assert open_body(header, body) is None


def test_what_does_not_fit_is_refused() -> None:
    """Notes longer than a burst are the caller's mistake, told with the limit."""
    with pytest.raises(ValueError, match="65535"):
        seal(Message("Hello.", {"instructions": "x" * 70_000}))

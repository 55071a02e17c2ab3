"""Content codings at the client's end: what an answer says once it is decoded, if the client said that it could."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

from conformance.http.exchange import Exchange, Finding

_WINDOW_BITS: Mapping[str, int] = {"gzip": 31, "deflate": 15}  # zlib's: 16 more asks for a gzip header
_GZIP_MAGIC = b"\x1f\x8b"


def decoded(exchange: Exchange, *, because: str) -> tuple[Exchange, Finding | None]:
    """The exchange with its body decoded; a finding where it is in a coding that was not asked for, or in none at all."""
    coding = _coding_of(exchange)
    if exchange.answer is None or coding == "identity":
        return exchange, None
    offered = _offered(exchange)
    body = _plain(exchange.answer.body, coding) if coding in offered else None
    if body is not None:
        return replace(exchange, answer=replace(exchange.answer, body=body)), None
    expected = f"a body that is in {coding}" if coding in offered else "no Content-Encoding, for none was offered"
    got = f"Content-Encoding: {coding}, {exchange.got}"
    return exchange, Finding(f"{because}: the body cannot be decoded", expected, got, (exchange,))


def visibly_cut(exchange: Exchange) -> bool:
    """Whether the body is in a coding that the client offered, and ends too soon for it: who decodes it sees that."""
    coding = _coding_of(exchange)
    known = exchange.answer is not None and coding in _WINDOW_BITS and coding in _offered(exchange)
    return known and decoded(exchange, because="")[1] is not None


def _coding_of(exchange: Exchange) -> str:
    named = (exchange.answer and exchange.answer.header("content-encoding")) or "identity"
    return named.strip().lower().removeprefix("x-")  # x-gzip is gzip (RFC 9110, 8.4.1.3)


def _offered(exchange: Exchange) -> str:
    return (exchange.request.header("accept-encoding") or "").lower()


def _plain(body: bytes, coding: str) -> bytes | None:
    """The body without its coding; None where it is not whole, or not in that coding."""
    if coding not in _WINDOW_BITS:
        return None
    plain = b""
    while True:
        decoder = zlib.decompressobj(wbits=_WINDOW_BITS[coding])
        try:
            plain += decoder.decompress(body)
        except zlib.error:
            return None
        if not decoder.eof:
            return None
        body = decoder.unused_data
        if coding != "gzip" or not body.startswith(_GZIP_MAGIC):  # gzip may come in several members (RFC 1952, 2.2)
            return plain

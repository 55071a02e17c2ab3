"""Content codings at the client's end: what an answer says once it is decoded, if the client said that it could."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

from conformance.http.exchange import Exchange, Finding

_WINDOW_BITS: Mapping[str, int] = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's: 16 more asks for a gzip header


def decoded(exchange: Exchange, *, because: str) -> tuple[Exchange, Finding | None]:
    """The exchange with its body decoded; a finding where it is in a coding that was not asked for, or in none at all."""
    coding = ((exchange.answer and exchange.answer.header("content-encoding")) or "identity").strip().lower()
    if exchange.answer is None or coding == "identity":
        return exchange, None
    offered = (exchange.request.header("accept-encoding") or "").lower()
    body = _plain(exchange.answer.body, coding) if coding in offered else None
    if body is not None:
        return replace(exchange, answer=replace(exchange.answer, body=body)), None
    expected = f"a body that is in {coding}" if coding in offered else "no Content-Encoding, for none was offered"
    got = f"Content-Encoding: {coding}, {exchange.got}"
    return exchange, Finding(f"{because}: the body cannot be decoded", expected, got, (exchange,))


def _plain(body: bytes, coding: str) -> bytes | None:
    """The body without its coding; None where it is not whole, or not in that coding."""
    if coding not in _WINDOW_BITS:
        return None
    decoder = zlib.decompressobj(wbits=_WINDOW_BITS[coding])
    try:
        plain = decoder.decompress(body)
    except zlib.error:
        return None
    return plain if decoder.eof else None

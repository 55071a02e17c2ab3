"""Concurrency: is the answer the one that belongs to the request?"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from conformance.http.exchange import Exchange, Finding
from conformance.mock.calls import Call

# What a gateway that lets in only so many at a time may say to the others.
_HELD_OFF = frozenset({429, 503})


def failed_in_the_crowd(exchange: Exchange) -> Finding | None:
    """A valid request among many is served, or held off by a limit; it is no error."""
    if exchange.status in {None, 200, *_HELD_OFF}:
        return None
    return Finding("one of many valid requests at a time fails", "status 200", exchange.got, (exchange,))


def own_call(exchange: Exchange, calls: Sequence[Call]) -> Finding | None:
    """What was answered 200 was asked of the provider."""
    if calls or exchange.status != 200:
        return None
    message = "one of many requests at a time is answered, and yet the provider was never asked for it"
    return Finding(message, "a call with the text of this request", "none", (exchange,))


def own_audio(exchange: Exchange, call: Call) -> Finding | None:
    """The audio is, byte for byte, what the provider answered to this request's own call."""
    sent = (call.get("answer") or {}).get("sha256")
    got = hashlib.sha256(exchange.answer.body).hexdigest() if exchange.answer else exchange.got
    if got == sent:
        return None
    message = "one of many requests at a time got audio that is not the provider's answer to it"
    return Finding(message, f"bytes with sha256 {sent}", f"sha256 {got}", (exchange,), (call,))


def own_text(exchange: Exchange, expected: str) -> Finding | None:
    """The transcript is the one that the provider gave for this request's upload."""
    text = exchange.answer.document().get("text") if exchange.answer else None
    if text == expected:
        return None
    message = "one of many requests at a time got a transcript that is not its own"
    return Finding(message, repr(expected), repr(text), (exchange,))

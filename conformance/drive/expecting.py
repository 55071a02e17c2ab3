"""A client that holds its body back until the gateway asks for it: `Expect: 100-continue` (RFC 9110, 10.1.1)."""

from __future__ import annotations

import time
from dataclasses import dataclass

from conformance.drive.case import Case
from conformance.errors import Blocked
from conformance.http.connection import Connection
from conformance.http.exchange import Exchange, Request
from conformance.http.raw import serialise

_AT_ONCE_S = 3.0


@dataclass(frozen=True, slots=True)
class HeldBack:
    """`exchange` is the request with the final response to it; `first` what came while its body was still held back.

    `first` is `interim`, `final` or `nothing`; after `nothing` and `interim` the body was sent.
    """

    exchange: Exchange
    first: str


def hold_back(case: Case, request: Request) -> HeldBack:
    """Sends the head alone, and the body once the gateway asks for it or has said nothing for three seconds.

    Raises Blocked where no connection can be made, or where the gateway's own limit is in the way.
    """
    case.gateway.wait_for_limits()
    try:
        held = _held_back(case, request)
    except OSError as error:
        raise Blocked(f"no connection can be made ({error})") from error
    case.gateway.observe(held.exchange)
    if held.exchange.over_limit:
        raise Blocked("the gateway's own limit is in the way", held.exchange)
    return held


def _held_back(case: Case, request: Request) -> HeldBack:
    started, endpoint = time.monotonic(), case.gateway.endpoint
    head, body = serialise(request, endpoint)
    with Connection(endpoint, case.gateway.timeout_s) as connection:
        connection.send(head)
        first = _first(connection)
        if first != "final":
            connection.send(body)
        wire = connection.read_answer()
        elapsed_s = time.monotonic() - started
        if wire is None:
            return HeldBack(Exchange(request, None, f"no answer: {connection.lost or 'no HTTP'}", elapsed_s), first)
        return HeldBack(Exchange(request, wire.answer, None, elapsed_s), first)


def _first(connection: Connection) -> str:
    """What the gateway says to the head alone, without taking it from the connection."""
    if not connection.await_bytes(_AT_ONCE_S):
        return "nothing"
    return "interim" if connection.said[9:10] == b"1" else "final"

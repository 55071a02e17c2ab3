"""A stream that lasts: its provider waits at a gate again and again, until the client has all that was sent so far.

No clock paces it. Nothing of it is kept: an hour of it takes no more memory than a second.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from conformance.contracts import Stream
from conformance.drive.case import Case
from conformance.drive.scripted_streams import events_act
from conformance.drive.scripts import match_of
from conformance.drive.streams import FIRST_S, stream_request
from conformance.errors import Blocked
from conformance.http.connection import Connection
from conformance.http.exchange import Answer, Exchange, Request
from conformance.http.raw import serialise
from conformance.judge.client.event_reader import EventReader

PORTION = 50
"""How many events go between two waits."""


def _go_on(_: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Lasting:
    """How far a stream came: the events that its provider sent and those of them that came, in order, before it sent more.

    `held_back`: a portion was not there in time.
    """

    exchange: Exchange
    sent: int
    came: int
    held_back: bool
    ended: bool


def lasting_events(stream: Stream, count: int) -> list[dict[str, Any]]:
    """So many pieces of one length, each with its number in it, and the end."""
    form = "{:08d}" if stream.encoded else "{:07d} "
    pieces = [{"type": stream.delta, stream.piece: form.format(number)} for number in range(count)]
    whole = {} if stream.whole is None else {stream.whole: "".join(str(each[stream.piece]) for each in pieces)}
    return [*pieces, {"type": stream.done, **whole}]


def lasting(case: Case, route: str, portions: int, at: Callable[[int], None] = _go_on) -> Lasting:
    """A stream of so many portions of events; `at` is called when so many of them are there.

    Raises Blocked where the provider is not brought to wait.
    """
    stream, request = case.contract.stream(route), stream_request(case, route)
    events = lasting_events(stream, portions * PORTION)
    size = len(json.dumps(events[0])) + len("data: \n\n")
    with case.provider.gate(f"gate-{case.marker}") as gate:
        pace = {"drip": {"chunk": size * PORTION, "interval_s": 0}, "hold_body": {"gate": gate.name, "again": True}}
        act = {**events_act(events), **pace}
        with (
            case.provider.scripted(match_of(case, route), act),
            Connection(case.gateway.endpoint, case.gateway.timeout_s) as connection,
        ):
            connection.send(b"".join(serialise(request, case.gateway.endpoint)))
            reading = _Reading(connection, stream)
            for portion in range(1, portions + 1):
                if gate.wait_for(1) != 1:
                    raise Blocked(f"the provider was not brought to wait after portion {portion}")
                if not reading.has(portion * PORTION, FIRST_S):
                    gate.release()
                    return reading.result(request, portion * PORTION, held_back=True)
                at(portion)
                gate.release(count=1)
            gate.release()  # the end may itself be of several portions
            reading.to_the_end()
            return reading.result(request, portions * PORTION, held_back=False)


class _Reading:
    """Counts the events of a stream, each of which has to be the next."""

    def __init__(self, connection: Connection, stream: Stream) -> None:
        self._connection = connection
        self._stream = stream
        self._pieces: Iterator[bytes] = connection.read_in_pieces()
        self._reader = EventReader()
        self._came = 0
        self._ended = False

    def has(self, count: int, within_s: float) -> bool:
        """Whether so many events come in so many seconds."""
        until = time.monotonic() + within_s
        while self._came < count and time.monotonic() < until:
            piece = next(self._pieces, None)
            if piece is None:
                return False
            self._take(piece)
        return self._came >= count

    def to_the_end(self) -> None:
        for piece in self._pieces:
            self._take(piece)

    def _take(self, piece: bytes) -> None:
        for event in self._reader.take(piece):
            self._ended = self._ended or event.get("type") == self._stream.done
            number = str(event.get(self._stream.piece, "")).strip()
            self._came += event.get("type") == self._stream.delta and number.isdigit() and int(number) == self._came

    def result(self, request: Request, sent: int, *, held_back: bool) -> Lasting:
        head = self._connection.head
        answer = Answer(head[0], head[1], self._reader.rest[:200]) if head else None
        exchange = Exchange(request, answer, None if answer else "no answer", 0.0)
        return Lasting(exchange, sent, self._came, held_back, self._ended)

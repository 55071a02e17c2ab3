"""The counter of a run: which coverage points its exchanges have reached. Safe to use from several threads."""

from __future__ import annotations

import threading
from collections import Counter

import msgspec

from conformance.contracts.openapi import Document
from conformance.coverage.outline import MOST_READ, make_outline
from conformance.coverage.points import Kind, Point
from conformance.http.exchange import Exchange

_MOST_UNDOCUMENTED = 50


class Count(msgspec.Struct, frozen=True):
    """Coverage points of one kind: how many were reached of those that the document has."""

    reached: int
    known: int


class Summary(msgspec.Struct, frozen=True):
    """What a run exercised: points reached by kind, those not reached, and responses that the document does not name.

    Of `exchanges` with a response of one of the document's operations, the bodies of `unread` were too large to look into.
    """

    counts: dict[str, Count]
    not_reached: tuple[str, ...]
    exchanges: int = 0
    unread: int = 0
    undocumented: tuple[str, ...] = ()


class Coverage:
    """What has been reached of an OpenAPI document below `base_url`. Holds coverage points, never requests or responses."""

    def __init__(self, base_url: str, document: Document) -> None:
        self._outline = make_outline(document.load())
        self._base_url = base_url.rstrip("/")
        self._lock = threading.Lock()
        self._exchanges = 0
        self._unread = 0
        self._reached: set[Point] = set()
        self._undocumented: set[str] = set()

    def note(self, exchange: Exchange) -> None:
        """Count an exchange. One without a response reached nothing for sure."""
        operation = self._outline.operation(self._base_url, exchange)
        if operation is None or exchange.answer is None:
            return
        undocumented = _printable(operation.undocumented(exchange.answer))
        with self._lock:
            self._exchanges += 1
            self._unread += exchange.request.size > MOST_READ
            operation.note(exchange.request, exchange.answer, self._reached)
            if undocumented and len(self._undocumented) < _MOST_UNDOCUMENTED:
                self._undocumented.add(undocumented)

    def summary(self) -> Summary:
        """What has been reached so far."""
        with self._lock:
            return Summary(
                _counts(self._outline.points, self._reached),
                tuple(str(point) for point in self._outline.points if point not in self._reached),
                self._exchanges,
                self._unread,
                tuple(sorted(self._undocumented)),
            )


def _printable(text: str) -> str:
    """The gateway chose the words, so they may hold anything."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _counts(points: tuple[Point, ...], reached: set[Point]) -> dict[str, Count]:
    known = Counter(point.kind for point in points)
    found = Counter(point.kind for point in points if point in reached)
    return {kind.value: Count(found[kind], known[kind]) for kind in Kind}

"""Keeps account of what a run has reached, exchange by exchange. Safe to use from several threads."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

from conformance.contracts.openapi import Document
from conformance.coverage.outline import MOST_READ, make_outline
from conformance.coverage.places import Kind, Place
from conformance.http.exchange import Exchange

_MOST_UNDOCUMENTED = 50


class Coverage:
    """What has been reached of the contract file below ``base_url``. Holds places, never requests or answers."""

    def __init__(self, base_url: str, document: Document) -> None:
        self._outline = make_outline(document.load())
        self._base_url = base_url.rstrip("/")
        self._lock = threading.Lock()
        self._exchanges = 0
        self._unread = 0
        self._reached: set[Place] = set()
        self._undocumented: set[str] = set()

    def note(self, exchange: Exchange) -> None:
        """Count an exchange. One without an answer reached nothing for sure."""
        operation = self._outline.operation(self._base_url, exchange)
        if operation is None or exchange.answer is None:
            return
        reached = set(operation.reached(exchange.request, exchange.answer))
        undocumented = _showable(operation.undocumented(exchange.answer))
        with self._lock:
            self._exchanges += 1
            self._unread += len(exchange.request.body) > MOST_READ
            self._reached |= reached
            if undocumented and len(self._undocumented) < _MOST_UNDOCUMENTED:
                self._undocumented.add(undocumented)

    def summary(self) -> dict[str, Any]:
        """Plain data: reached and known by kind, what was not reached, and answers that the contract does not name.

        Of ``exchanges`` with an answer of one of the contract's operations, the bodies of ``unread`` were too large.
        """
        places = self._outline.places
        with self._lock:
            reached = frozenset(self._reached)
            told = {"exchanges": self._exchanges, "unread": self._unread, "undocumented": sorted(self._undocumented)}
        return {
            "counts": _counts(places, reached),
            "not_reached": [str(place) for place in places if place not in reached],
            **told,
        }


def _showable(told: str) -> str:
    """The gateway chose the words, so they may be anything."""
    return "".join(char if char.isprintable() else "\ufffd" for char in told)


def _counts(places: tuple[Place, ...], reached: frozenset[Place]) -> dict[str, dict[str, int]]:
    known = Counter(place.kind for place in places)
    found = Counter(place.kind for place in places if place in reached)
    return {kind.value: {"reached": found[kind], "known": known[kind]} for kind in Kind}

"""Reads a stream of events while it comes: of one that lasts for hours nothing is kept but what is not whole yet."""

from __future__ import annotations

import re
from typing import Any

from conformance.judge.client.streams import read_events

_BLANK_LINE = re.compile(rb"\r\n\r\n|\n\n|\r\r")


class EventReader:
    """Takes pieces of a body and gives the events that are whole. `problem` says what was none of them, at first."""

    def __init__(self) -> None:
        self._begun = bytearray()
        self.problem = ""

    def take(self, piece: bytes) -> tuple[dict[str, Any], ...]:
        """The events that this piece has made whole."""
        self._begun += piece
        ends = [found.end() for found in _BLANK_LINE.finditer(self._begun)]
        if not ends:
            return ()
        whole = bytes(self._begun[: ends[-1]])
        del self._begun[: ends[-1]]
        events = read_events(whole)
        self.problem = self.problem or events.problem
        return events.all

    @property
    def rest(self) -> bytes:
        """What has come and is no whole event yet."""
        return bytes(self._begun)

"""A mock with ever more scripts: to find the one that is for a call, or that none is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from benchmarks.curves.apart import apart
from benchmarks.curves.calls import marker_of, request
from benchmarks.curves.curve import Curve, Figures, Line
from mock_upstreams.acts import Act
from mock_upstreams.scripts import Match, Script, ScriptBook

_ADD, _MATCH, _NONE = "to add one", "to find the one for a call", "to find that none is"
_CALLS = 3_000


def _book(size: int) -> Figures:
    """Runs in a process of its own."""
    _filled(1000)  # what is done once is done now
    began = time.process_time()
    for _ in range(max(1, 3000 // size)):
        book = _filled(size)
    added_s = (time.process_time() - began) / (size * max(1, 3000 // size))
    return {_ADD: added_s * 1e6, _MATCH: _take_us(book, 0, found=True), _NONE: _take_us(book, size, found=False)}


def _filled(size: int) -> ScriptBook:
    book = ScriptBook()
    for number in range(size):
        book.add(Script(Act(status=503), Match(marker=marker_of(number)), times=None))
    return book


def _take_us(book: ScriptBook, number: int, *, found: bool) -> float:
    """CPU microseconds to look for the script of a call."""
    call = request(number)
    began = time.process_time()
    for _ in range(_CALLS):
        assert (book.take(call) is not None) is found
    return (time.process_time() - began) / _CALLS * 1e6


def _measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    for size in sizes:
        yield size, apart(_book, size)


CURVE = Curve(
    "scripts",
    "A mock with ever more scripts that wait for calls",
    "scripts",
    (1, 10, 100, 1_000, 10_000, 100_000),
    tuple(Line(each, "CPU µs", most=0) for each in (_ADD, _MATCH, _NONE)),
    _measure,
)

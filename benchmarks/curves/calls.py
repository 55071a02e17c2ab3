"""A mock with ever more recorded calls: to record one, to find one by its marker or its upload, to keep them."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import time
from collections.abc import Iterator, Sequence

from benchmarks.curves.apart import apart, peak_mb
from benchmarks.curves.curve import Curve, Figures, Line
from mock_upstreams.journal import CallFilter, Journal
from mock_upstreams.requests import Address, ReceivedBody, ReceivedRequest, Upload
from mock_upstreams.responses import Response

_RECORD, _BY_MARKER, _BY_UPLOAD, _SINCE = (
    "to record one",
    "to find one by its marker",
    "by its upload",
    "since a position",
)
_MEMORY, _BOUNDED = "all of them kept", "as many kept as by default"
_QUERIES = 300
_LEAST_RECORDED = 5_000
_ANSWER = Response.of_json({"text": "Hello there."})


def marker_of(number: int) -> str:
    """As the suite marks its cases."""
    return f"mark3fa9c1n{number}z"


def request(number: int) -> ReceivedRequest:
    """A transcription as it arrives; its upload is not kept."""
    headers = (
        ("host", "127.0.0.1:9100"),
        ("authorization", f"Bearer sk-provider-{number}"),
        ("content-type", "multipart/form-data; boundary=conformance"),
        ("content-length", "16301"),
        ("user-agent", "gateway/1.0"),
        ("x-request-id", f"req_{number:032x}"),
    )
    fields = (("model", "whisper-1"), ("prompt", f"{marker_of(number)}. Hello there."), ("response_format", "json"))
    upload = Upload("file", f"{marker_of(number)}.wav", "audio/wav", "form-data", b"", 16_000, _digest(number))
    body = ReceivedBody("multipart", "multipart/form-data", fields, upload, size=16_301)
    return ReceivedRequest("POST", "/v1/audio/transcriptions", (), headers, Address("openai", "transcription"), body)


def _digest(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()


def _fill(journal: Journal, count: int) -> float:
    """Has so many calls recorded and answered; CPU seconds, without those for making them."""
    spent = 0.0
    for start in range(0, count, 1000):
        made = [request(number) for number in range(start, min(start + 1000, count))]
        began = time.process_time()
        for each in made:
            entry = journal.record(each)
            journal.set_response(entry, _ANSWER)
            journal.set_state(entry, "answered")
        spent += time.process_time() - began
    return spent


def _journal(size: int) -> Journal:
    return Journal(most_calls=size, most_text_bytes=2**40)


def _unbounded(size: int) -> Figures:
    """Runs in a process of its own."""
    _fill(_journal(_LEAST_RECORDED), _LEAST_RECORDED)  # what is done once is done now
    times, spent_s = max(1, _LEAST_RECORDED // size), 0.0
    for _ in range(times):
        journal = _journal(size)
        spent_s += _fill(journal, size)
    gc.collect()  # or it falls among the queries, which take a tenth of its time
    numbers = [number * 7919 % size for number in range(_QUERIES)]
    return {
        _RECORD: spent_s / (size * times) * 1e6,
        _BY_MARKER: _query_us(journal, [CallFilter(marker=marker_of(number)) for number in numbers]),
        _BY_UPLOAD: _query_us(journal, [CallFilter(sha256=_digest(number)) for number in numbers]),
        _SINCE: _query_us(journal, [CallFilter(since=size - 1)] * _QUERIES),
        _MEMORY: peak_mb(),
    }


def _query_us(journal: Journal, filters: list[CallFilter]) -> float:
    """CPU microseconds of one query, which finds one call."""

    async def ask() -> None:
        for each in filters:
            assert len(await journal.find(each)) == 1

    began = time.process_time()
    asyncio.run(ask())
    return (time.process_time() - began) / len(filters) * 1e6


def _bounded(size: int) -> float:
    _fill(Journal(), size)
    return peak_mb()


def _measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    for size in sizes:
        yield size, {**apart(_unbounded, size), _BOUNDED: apart(_bounded, size)}


CURVE = Curve(
    "calls",
    "A mock with ever more recorded calls",
    "recorded calls",
    (10, 100, 1_000, 10_000, 100_000, 1_000_000),
    (
        *(Line(each, "CPU µs", most=0) for each in (_RECORD, _BY_MARKER, _BY_UPLOAD, _SINCE)),
        Line(_MEMORY, "MB", most=1),
        Line(_BOUNDED, "MB", most=0),
    ),
    _measure,
)

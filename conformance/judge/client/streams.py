"""Streams of server-sent events: which events came, in which order, and whether their pieces are the whole.

What the types and members are called is the contract's to say (`Stream`). Pure functions of the bytes that came.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from conformance.audio import judge_audio
from conformance.contracts import Stream
from conformance.http.exchange import Exchange, Finding, WireExchange, preview

MEDIA_TYPE = "text/event-stream"
_LINE = re.compile(r"\r\n|\n|\r")
_FAREWELL = "[DONE]"
_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Events:
    """The events of a body, in order. `problem` says what is none: text that is no UTF-8, no JSON, or cut off."""

    all: tuple[dict[str, Any], ...]
    problem: str = ""

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.all if event.get("type") == kind]

    @property
    def kinds(self) -> list[str]:
        return [str(event.get("type", "error" if "error" in event else "no type")) for event in self.all]

    def __str__(self) -> str:
        shown = ", ".join(self.kinds[:_SHOWN])
        return f"{len(self.all)} events: {shown}{', …' if len(self.all) > _SHOWN else ''}" if self.all else "no event"


def read_events(body: bytes) -> Events:
    """The events of a body; `data: [DONE]` is none, wherever it stands, and neither are comments."""
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return Events((), f"no UTF-8: {error.reason} at byte {error.start}")
    *blocks, rest = _blocks(text)
    found: list[dict[str, Any]] = []
    for data in blocks:
        if data is None or data == _FAREWELL:
            continue
        event = _object(data)
        if event is None:
            return Events(tuple(found), f"data that is no JSON object: {data[:100]!r}")
        found.append(event)
    return Events(tuple(found), "" if rest is None else f"an event without its end: {rest[:100]!r}")


def _blocks(text: str) -> list[str | None]:
    """The data of each block of lines, None for one that has none; the last is what no blank line ended."""
    found: list[str | None] = []
    lines: list[str] = []
    *whole, begun = _LINE.split(text)
    for line in whole:
        if line:
            lines.append(line)
        elif lines:
            found.append(_data(lines))
            lines = []
    return [*found, _data([*lines, begun])]


def _data(lines: Sequence[str]) -> str | None:
    values = [line.partition(":")[2].removeprefix(" ") for line in lines if line.partition(":")[0] == "data"]
    return "\n".join(values) if values else None


def _object(data: str) -> dict[str, Any] | None:
    try:
        value = json.loads(data)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def is_stream(exchange: Exchange, *, because: str) -> Finding | None:
    """The answer is a stream of events, each a JSON object with a type, and has no error among them."""
    answer = exchange.answer
    if answer is None or answer.media_type != MEDIA_TYPE:
        got = exchange.got if answer is None else f"Content-Type {answer.header('content-type')!r}"
        return Finding(f"{because}: no stream of events", f"Content-Type {MEDIA_TYPE}", got, (exchange,))
    events = read_events(answer.body)
    problem = events.problem or next((_untyped(each) for each in events.all if _untyped(each)), "")
    return _finding(exchange, because, "not events", "data: JSON objects with a type", problem) if problem else None


def _untyped(event: dict[str, Any]) -> str:
    return "" if isinstance(event.get("type"), str) else f"an event without a type: {json.dumps(event)[:100]}"


def is_ordered(exchange: Exchange, stream: Stream, *, least: int, because: str) -> Finding | None:
    """At least so many pieces come, then what may stand between, and `done` once and last."""
    events = events_of(exchange)
    known = {stream.delta, *stream.between, stream.done}
    kinds = [kind for kind in events.kinds if kind in known]
    before = kinds[: kinds.index(stream.delta)] if stream.delta in kinds else []
    wrong = (
        kinds.count(stream.delta) < least
        or kinds.count(stream.done) != 1
        or events.kinds[-1:] != [stream.done]
        or any(kind in stream.between for kind in before)
    )
    expected = f"{stream.delta} ({least} or more), then one {stream.done}, as the last"
    return (
        _finding(exchange, because, "events missing, repeated or out of order", expected, str(events))
        if wrong
        else None
    )


def pieces_join(exchange: Exchange, stream: Stream, *, because: str) -> Finding | None:
    """The pieces of a text, joined, are the whole that the last event has."""
    events = events_of(exchange)
    joined = "".join(str(event.get(stream.piece)) for event in events.of(stream.delta))
    whole = next((event.get(stream.whole or "") for event in events.of(stream.done)), None)
    if joined == whole:
        return None
    return _finding(exchange, because, "the pieces are not the whole", f"{whole!r:.200}", f"{joined!r:.200}")


def audio_joins(exchange: Exchange, stream: Stream, wanted: str, *, because: str) -> Finding | None:
    """The pieces of audio, joined, are a whole stream of the format."""
    try:
        data = joined_audio(events_of(exchange), stream)
    except ValueError as error:
        return _finding(exchange, because, "a piece is no base64", f"base64 under {stream.piece}", str(error))
    problems = judge_audio(data, wanted).problems
    if not problems:
        return None
    return _finding(exchange, because, f"the pieces are no whole {wanted}", f"decodable {wanted}", "; ".join(problems))


def joined_audio(events: Events, stream: Stream) -> bytes:
    """The bytes of the pieces in their order. Raises ValueError where one is no base64."""
    try:
        return b"".join(
            base64.b64decode(str(event.get(stream.piece)), validate=True) for event in events.of(stream.delta)
        )
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def has_usage(exchange: Exchange, stream: Stream, *, because: str) -> Finding | None:
    """The last event has a usage with the integers that the contract asks for."""
    usage = next((event.get("usage") for event in events_of(exchange).of(stream.done)), None)
    members = usage if isinstance(usage, dict) else {}
    lacking = [name for name in stream.usage if type(members.get(name)) is not int]
    if not lacking:
        return None
    expected = f"usage with the integers {', '.join(stream.usage)}"
    return _finding(exchange, because, f"no usage in {stream.done}", expected, f"usage {usage!r}")


def same_events(exchange: Exchange, sent: str, *, because: str) -> Finding | None:
    """The client's events are those of the text that the provider sent, in order; each may have further members."""
    provided, got = read_events(sent.encode()), events_of(exchange)
    pairs = zip(provided.all, got.all, strict=False)
    number, theirs, ours = next(((n, a, b) for n, (a, b) in enumerate(pairs) if not _holds(b, a)), (-1, None, None))
    if number < 0 and len(got.all) == len(provided.all):
        return None
    if number < 0:
        return _finding(exchange, because, "not the provider's events", str(provided), str(got))
    message = f"event {number} is not the provider's"
    return _finding(exchange, because, message, json.dumps(theirs)[:200], json.dumps(ours)[:200])


def _holds(event: dict[str, Any], provided: dict[str, Any]) -> bool:
    return all(name in event and event[name] == value for name, value in provided.items())


def did_not_end(result: WireExchange, stream: Stream, *, because: str) -> Finding | None:
    """A stream that its provider broke off is no whole one: an error, a break that shows, or no `done`."""
    exchange, wire = result.exchange, result.wire
    events = events_of(exchange)
    whole = exchange.is_success and wire is not None and not wire.broken_off
    told = any(stream.error in event for event in events.all)
    if not whole or told:
        return None
    expected = f"an event with {stream.error}, or a transfer that visibly breaks off"
    return _finding(exchange, because, "a broken stream ends like a whole one", expected, str(events))


def has_error_event(exchange: Exchange, stream: Stream, error: dict[str, Any], *, because: str) -> Finding | None:
    """The error that the provider sent as an event is among the client's, with its type and code."""
    found = [event[stream.error] for event in events_of(exchange).all if isinstance(event.get(stream.error), dict)]
    named = ("type", "code")
    if any(all(each.get(name) == error.get(name) for name in named) for each in found):
        return None
    got = str(events_of(exchange)) if not found else json.dumps(found)[:200]
    return _finding(exchange, because, "the provider's error is lost", f"an event with {json.dumps(error)[:200]}", got)


def no_end_after_error(exchange: Exchange, stream: Stream, *, because: str) -> Finding | None:
    """A stream with an error in it has no `done`: nothing was finished."""
    events = events_of(exchange)
    if not events.of(stream.done):
        return None
    return _finding(exchange, because, "a stream that failed has an end", f"no {stream.done}", str(events))


def events_of(exchange: Exchange) -> Events:
    """The events of an answer; none where there is no answer."""
    return read_events(exchange.answer.body) if exchange.answer else Events(())


def _finding(exchange: Exchange, because: str, message: str, expected: str, got: str) -> Finding:
    shown = got or preview(exchange.answer.body if exchange.answer else b"", 200)
    return Finding(f"{because}: {message}", expected, shown, (exchange,))

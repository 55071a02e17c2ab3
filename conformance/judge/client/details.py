"""The details of `verbose_json`: segments, words and duration, alone and against those of the provider."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from typing import Any, TypeGuard

from conformance.contracts import TranscriptShape
from conformance.http.exchange import Exchange, Finding
from conformance.mock.calls import RecordedCall

# What the contract says of each entry, besides its times.
_TEXT_KEYS = {"segments": "text", "words": "word"}
_CLOSE_S = 0.0005
_SHOWN = 4


def has_details(exchange: Exchange, kind: str, shape: TranscriptShape, *, because: str) -> Finding | None:
    """`kind` (`segments` or `words`) is a list of entries with their text and times in seconds, in order.

    It may be empty only where the text has no words (rulings: Answers, verbose_json).
    """
    document = _document(exchange)
    entries = document.get(kind)
    if not isinstance(entries, list) or (not entries and _has_words(document.get(shape.text))):
        return _finding(exchange, because, f"{kind}, a list that is not empty", f"{kind}: {entries!r}")
    problems = [*_shapes(entries, kind), *_order(entries)]
    return (
        _finding(exchange, because, f"{kind} with times in order", "; ".join(problems[:_SHOWN])) if problems else None
    )


def has_duration(exchange: Exchange, *, heard_s: float, because: str) -> Finding | None:
    """`duration` is a number of seconds; `heard_s` is how long the audio lasts.

    Providers round and pad, but milliseconds are beyond that.
    """
    duration = _document(exchange).get("duration")
    if not _is_number(duration):
        return _finding(exchange, because, "duration, a JSON number", f"duration: {duration!r}")
    if 0 <= duration <= 10 * heard_s + 30:
        return None
    return _finding(
        exchange, because, f"duration in seconds, of audio that lasts {heard_s:g} s", f"duration: {duration!r}"
    )


def details_equal(
    exchange: Exchange, kind: str, provided: list[dict[str, Any]], call: RecordedCall, *, because: str
) -> Finding | None:
    """Every entry of `segments` or `words` has the text and the times that the provider gave it; none is lost."""
    entries = _document(exchange).get(kind)
    got = entries if isinstance(entries, list) else []
    if len(got) != len(provided):
        return _finding(exchange, because, f"{len(provided)} {kind}", f"{len(got)} {kind}", call)
    key = _TEXT_KEYS[kind]
    for number, (theirs, ours) in enumerate(zip(provided, got, strict=True)):
        if not _same(theirs, ours, key):
            return _finding(exchange, because, f"{kind}[{number}] {_brief(theirs, key)}", _brief(ours, key), call)
    return None


def duration_equals(exchange: Exchange, provided: Any, call: RecordedCall, *, because: str) -> Finding | None:
    """`duration` is the number that the provider gave."""
    duration = _document(exchange).get("duration")
    if _is_number(duration) and _is_number(provided) and abs(duration - provided) <= _CLOSE_S:
        return None
    return _finding(exchange, because, f"duration {provided!r}", f"duration {duration!r}", call)


def _has_words(text: Any) -> bool:
    return isinstance(text, str) and any(char.isalnum() for char in text)


def _document(exchange: Exchange) -> dict[str, Any]:
    return exchange.answer.document() if exchange.answer else {}


def _finding(exchange: Exchange, because: str, expected: str, got: str, *calls: RecordedCall) -> Finding:
    return Finding(f"{because}: wrong detail", expected, got, (exchange,), calls)


def _shapes(entries: list[Any], kind: str) -> Iterable[str]:
    key = _TEXT_KEYS[kind]
    for number, entry in enumerate(entries):
        if not isinstance(entry, dict):
            yield f"{kind}[{number}] is {entry!r}"
        elif not isinstance(entry.get(key), str):
            yield f"{kind}[{number}].{key} is {entry.get(key)!r}"
        elif not (_is_number(entry.get("start")) and _is_number(entry.get("end"))):
            yield f"{kind}[{number}] runs from {entry.get('start')!r} to {entry.get('end')!r}"
        elif entry["start"] > entry["end"] or entry["start"] < 0:
            yield f"{kind}[{number}] starts at {entry['start']} and ends at {entry['end']}"


def _order(entries: list[Any]) -> Iterable[str]:
    starts = [entry.get("start") for entry in entries if isinstance(entry, dict)]
    times = [start for start in starts if _is_number(start)]
    for number, (earlier, later) in enumerate(itertools.pairwise(times), 1):
        if later < earlier:
            yield f"the start of entry {number} goes back from {earlier} to {later}"


def _same(theirs: dict[str, Any], ours: Any, key: str) -> bool:
    if not isinstance(ours, dict) or ours.get(key) != theirs.get(key):
        return False
    return all(_is_number(ours.get(side)) and abs(ours[side] - theirs[side]) <= _CLOSE_S for side in ("start", "end"))


def _brief(entry: Any, key: str) -> str:
    if not isinstance(entry, dict):
        return repr(entry)
    return repr({name: entry.get(name) for name in (key, "start", "end")})


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)

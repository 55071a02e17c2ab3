"""Streams that are buffered, cut, reordered, ended twice or never, robbed of their usage."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.mutants.conditions import SERVED, When, on, sent, status
from tests.mutants.edge import answers
from tests.mutants.eventful import (
    Event,
    broken_by_who_leaves,
    each_event,
    ends_anyway,
    events,
    first_alone,
    lines,
    pieces,
)
from tests.mutants.exchange import Answer, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import headed

DIALECT = "openai-audio-2026-11"
_STREAM = {"speech": on("speech") & sent("stream_format"), "transcriptions": on("transcriptions") & sent("stream")}
_PIECE = {"speech": "audio", "transcriptions": "delta"}
_DONE = {"speech": "speech.audio.done", "transcriptions": "transcript.text.done"}
_BUGS = {
    "transcriptions-usage-lost": "I4",
    "translations-usage-lost": "I4",
    "transcriptions-usage-made-up": "K1",
    "transcriptions-stream-usage-made-up": "K1",
    "transcriptions-header-zero": "K1",
    "transcriptions-duration-by-the-head": "K2",
    "transcriptions-seconds-by-the-bytes": "K2",
    "speech-retry-after-lost": "K3",
    "transcriptions-retry-after-lost": "K3",
    "speech-stream-buffered": "K4",
    "speech-audio-buffered": "K4",
    "speech-stream-piece-is-event": "K5",
    "transcriptions-stream-piece-is-event": "K5",
    "transcriptions-request-id-lost": "K6",
    "transcriptions-rate-remaining-lost": "K7",
    "speech-rate-remaining-lost": "K7",
}
_REFUSED = When(lambda _, answer: answer is not None and answer.status >= 400)


def dialect(name: str, kills: str, fault: Fault) -> Mutant:
    """A mutant of a gateway that speaks the dialect; some rebuild a row of docs/real-bugs.md."""
    return Mutant(name, kills, replace(fault, contract=DIALECT), _BUGS.get(name, ""))


def _is_done(event: Event) -> bool:
    return str(event.get("type", "")).endswith(".done")


def _twice(found: list[Event]) -> list[Event]:
    return [made for event in found for made in ([event, event] if _is_done(event) else [event])]


def _swapped(found: list[Event]) -> list[Event]:
    """The second and the third piece change places."""
    return [*found[:1], *found[2:3], *found[1:2], *found[3:]] if len(found) > 3 else found[::-1]


def _as_stream(_: Asked, answer: Answer) -> Answer:
    """A refusal told as a stream of one event, under 200."""
    event = {"type": "error", "message": "refused"} if isinstance(answer.document, dict) else {}
    return answer.with_status(200).with_body(f"data: {json.dumps(event)}\n\n".encode(), "text/event-stream")


# How a careless gateway reads lines: those of one spelling, those that end as it expects, those below a bound.
_READERS: dict[str, Callable[[str], str | None]] = {
    "blank-expected": lambda line: line if line.startswith("data: ") or not line else None,
    "line-feeds-alone": lambda line: None if line.endswith("\r") else line,
    "line-is-event": lambda line: f"{line}\n" if line.startswith("data:") else line,
    "lines-bounded": lambda line: line if len(line) < 1 << 16 else None,
}


def _told(fault: str, route: str) -> str:
    return f"{route}-stream-{fault}"


def _of(route: str) -> Iterator[Mutant]:
    when, requirement = _STREAM[route], f"streams.{route}"
    yield dialect(_told("as-text", route), f"{requirement}.events", headed("content-type", "text/plain", when & SERVED))
    yield dialect(_told("done-twice", route), f"{requirement}.order", events(_twice, when))
    yield dialect(
        _told("done-dropped", route), f"{requirement}.order", each_event(lambda e: None if _is_done(e) else e, when)
    )
    yield dialect(
        _told("done-first", route), f"{requirement}.order", events(lambda found: [*found[-1:], *found[:-1]], when)
    )
    yield dialect(_told("reordered", route), f"{requirement}.joined", events(_swapped, when))
    yield dialect(
        _told("last-piece-lost", route), f"{requirement}.joined", events(lambda found: [*found[:-2], *found[-1:]], when)
    )
    yield dialect(
        _told("piece-is-event", route),
        f"{requirement}.pieces",
        pieces(lambda piece: piece + b"\n\n" if piece else piece, route),
    )
    yield dialect(
        _told("done-bare", route),
        f"{requirement}.same",
        each_event(lambda e: {"type": e["type"], **_whole(e)} if _is_done(e) else e, when),
    )
    for fault, reader in _READERS.items():
        yield dialect(_told(fault, route), f"{requirement}.same", lines(reader, when))
    yield dialect(_told("noted", route), f"{requirement}.same", events(_with_a_note, when))
    yield dialect(_told("buffered", route), f"{requirement}.flow", answers(lambda _, answer: answer, when & SERVED))
    yield dialect(_told("buffered-later", route), f"{requirement}.lasting", first_alone(route))
    yield dialect(_told("ends-anyway", route), f"{requirement}.broken-off", ends_anyway(route))
    yield dialect(
        _told("error-lost", route), f"{requirement}.error-event", each_event(lambda e: e if "type" in e else None, when)
    )
    yield dialect(
        _told("ended-after-error", route), f"{requirement}.error-event", events(_ended_after_error(route), when)
    )
    yield dialect(_told("refusal-served", route), f"{requirement}.refused", answers(_as_stream, when & _REFUSED))
    yield dialect(_told("abandoned", route), f"{requirement}.abandoned", broken_by_who_leaves(route))
    yield dialect(_told("usage-lost", route), f"metering.{route}.stream", each_event(_without_usage, when))


def _whole(event: Event) -> Event:
    return {name: value for name, value in event.items() if name == "text"}


def _with_a_note(found: list[Event]) -> list[Event]:
    """An event of the gateway's own among those of the provider."""
    return [*found[:1], {"type": "gateway.note", "cost": 0.01}, *found[1:]]


def _ended_after_error(route: str) -> Callable[[list[Event]], list[Event]]:
    """Whatever happens, a stream gets its end."""
    done = {"type": _DONE[route], "text": "", "usage": {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}}
    return lambda found: found if any(_is_done(event) for event in found) else [*found, done]


def _without_usage(event: Event) -> Event:
    return {name: value for name, value in event.items() if name != "usage"}


def _zero_usage(event: Event) -> Event:
    none = {"type": "tokens", "input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    return {"usage": none, **event} if _is_done(event) else event


def _decoded(piece: bytes) -> bytes:
    """Each piece by itself made text: a character that it cuts is lost."""
    return piece.decode("utf-8", "replace").encode()


_SEGMENT = "transcript.text.segment"
_WHEN = _STREAM["transcriptions"]

MUTANTS: tuple[Mutant, ...] = (
    *_of("speech"),
    *_of("transcriptions"),
    dialect("speech-stream-without-usage", "streams.speech.usage", each_event(_without_usage, _STREAM["speech"])),
    dialect(
        "speech-stream-usage-as-text",
        "streams.speech.usage",
        each_event(
            lambda e: {**e, "usage": {k: str(v) for k, v in e["usage"].items()}} if "usage" in e else e,
            _STREAM["speech"],
        ),
    ),
    dialect(
        "transcriptions-stream-logprobs-lost",
        "streams.transcriptions.same",
        each_event(lambda e: {name: value for name, value in e.items() if name != "logprobs"}, _WHEN),
    ),
    dialect("transcriptions-stream-character-cut", "streams.transcriptions.text", pieces(_decoded, "transcriptions")),
    dialect(
        "transcriptions-stream-trimmed",
        "streams.transcriptions.text",
        each_event(lambda e: {**e, "text": e["text"].strip()} if _is_done(e) else e, _WHEN),
    ),
    dialect(
        "transcriptions-stream-segments-lost",
        "streams.transcriptions.speakers",
        each_event(lambda e: None if e.get("type") == _SEGMENT else e, _WHEN),
    ),
    dialect(
        "transcriptions-stream-speaker-lost",
        "streams.transcriptions.speakers",
        each_event(lambda e: {k: v for k, v in e.items() if k != "speaker"}, _WHEN),
    ),
    dialect(
        "transcriptions-stream-usage-made-up", "metering.transcriptions.stream-absent", each_event(_zero_usage, _WHEN)
    ),
    dialect(
        "speech-audio-buffered",
        "streams.speech.chunked-flow",
        answers(lambda _, answer: answer, on("speech") & status(200)),
    ),
)

"""One finding as the page shows it: the difference, both sides on one time line, what was scripted, what was heard."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from conformance.contracts.pages import text_under
from conformance.mock.calls import RecordedCall
from conformance.reports.entries import RequirementReport
from conformance.reports.findings import AudioReport, ExchangeReport, FindingReport
from conformance.reports.html.differences import Piece, differences
from conformance.reports.html.plots import Wave, wave_of

_MOST_BODY = 2000
_MOST_VALUE = 300
_WORTH_SHARING = 300
_MOST_EXCHANGES = 6


@dataclass(frozen=True, slots=True)
class Body:
    """A body, or the anchor of the finding that shows the same one."""

    text: str
    same_as: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that went over a wire: from whom to whom, its first line, headers and body."""

    way: str
    side: str
    line: str
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = Body("")
    audio: AudioReport | None = None
    wave: Wave | None = None


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding with its place in the page; `clause` is what the contract says under the requirement's link."""

    anchor: str
    entry: RequirementReport
    finding: FindingReport
    clause: str
    expected: tuple[Piece, ...]
    got: tuple[Piece, ...]
    events: tuple[Event, ...]
    left_out: int
    script: tuple[str, ...]


class Bodies:
    """The bodies that the page shows already: each stands in it once."""

    def __init__(self) -> None:
        self._where: dict[str, str] = {}

    def body(self, text: str, anchor: str) -> Body:
        """The body, cut; a long one that another finding shows is left to that."""
        cut = text if len(text) <= _MOST_BODY else f"{text[:_MOST_BODY]}… ({len(text)} characters)"
        if len(text) < _WORTH_SHARING:
            return Body(cut)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        first = self._where.setdefault(digest, anchor)
        return Body(cut) if first == anchor else Body("", first)


def finding_view(entry: RequirementReport, number: int, audio: dict[str, AudioReport], bodies: Bodies) -> FindingView:
    """The view of a requirement's `number`-th finding."""
    finding = entry.findings[number]
    anchor = f"f-{entry.id}-{number + 1}"
    expected, got = differences(_cut(finding.expected), _cut(finding.got))
    events = tuple(_events(finding, audio, bodies, anchor))
    left_out = max(0, len(finding.exchanges) - _MOST_EXCHANGES)
    script = tuple(_shown(msgspec.to_builtins(each)) for each in finding.script)
    return FindingView(anchor, entry, finding, text_under(entry.link), expected, got, events, left_out, script)


def _events(finding: FindingReport, audio: dict[str, AudioReport], bodies: Bodies, anchor: str) -> Iterator[Event]:
    """Both sides in order: a call stands between request and response of its exchange, as far as that can be told."""
    exchanges = finding.exchanges[-_MOST_EXCHANGES:]
    calls = _calls_by_exchange(exchanges, finding.upstream)
    for exchange, within in zip(exchanges, calls, strict=True):
        request = exchange.request
        line = f"{request.method} {request.url}"
        yield Event("client → gateway", "client", line, request.headers, bodies.body(request.body, anchor))
        for call in within:
            yield from _call_events(call, bodies, anchor)
        yield _response_event(exchange, audio, bodies, anchor)


def _calls_by_exchange(
    exchanges: Sequence[ExchangeReport], calls: Sequence[RecordedCall]
) -> list[tuple[RecordedCall, ...]]:
    """The calls of each exchange: one each where their numbers are equal, else all of them with the last."""
    if not exchanges:
        return []
    if len(exchanges) == len(calls):
        return [(call,) for call in calls]
    return [*(() for _ in exchanges[1:]), tuple(calls)]


def _call_events(call: RecordedCall, bodies: Bodies, anchor: str) -> Iterator[Event]:
    fields = "\n".join(f"{name}: {_shown(value)}" for name, value in call.fields)
    upload = f"file: {call.file.name!r}, {call.file.content_type}, {call.file}" if call.file else ""
    line = f"{call.method} {call.path}"
    body = "\n".join(part for part in (fields, upload) if part)
    yield Event("gateway → provider", "provider", line, call.headers, bodies.body(body, anchor))
    if call.response is None:
        yield Event("provider → gateway", "provider", f"no response ({call.state})")
        return
    line = f"{call.response.status} {call.response.content_type}, {call.response}"
    yield Event("provider → gateway", "provider", line, (), bodies.body(call.response_text, anchor))


def _response_event(exchange: ExchangeReport, audio: dict[str, AudioReport], bodies: Bodies, anchor: str) -> Event:
    after = f"after {exchange.elapsed_s:.3f} s"
    response = exchange.response
    if response is None:
        return Event("gateway → client", "client", f"no response: {exchange.error} {after}")
    heard = audio.get(response.audio)
    wave = wave_of(heard.peaks) if heard and heard.peaks else None
    body = bodies.body(response.body, anchor)
    return Event("gateway → client", "client", f"{response.status} {after}", response.headers, body, heard, wave)


def _shown(value: Any) -> str:
    """A value as JSON, long texts in it cut: a scripted body may be a whole recording."""
    return json.dumps(_shortened(value), ensure_ascii=False, indent=None)


def _shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shortened(item) for item in value]
    if isinstance(value, str) and len(value) > _MOST_VALUE:
        return f"{value[:_MOST_VALUE]}… ({len(value)} characters)"
    return value


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_BODY else f"{text[:_MOST_BODY]}… ({len(text)} characters)"

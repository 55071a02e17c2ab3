"""Streams that a provider is told to send: of a text, with an error in the middle, without usage."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from conformance.audio.samples import speech_like_wav
from conformance.contracts import Stream
from conformance.drive.case import Case

ERROR = {"type": "server_error", "code": "stream_interrupted", "param": None, "message": "The model stopped."}
"""An error as a provider sends it in the middle of a stream."""


def text_events(stream: Stream, text: str, usage: dict[str, Any] | None = None) -> dict[str, Any]:
    """The act of a stream of this text, a few characters in each event."""
    pieces = [text[start : start + 4] for start in range(0, len(text), 4)]
    events = [{"type": stream.delta, stream.piece: piece} for piece in pieces]
    done = {"type": stream.done, stream.whole or "text": text} | ({"usage": usage} if usage else {})
    return events_act([*events, done])


def interrupted(case: Case, route: str, pieces: int = 1) -> dict[str, Any]:
    """The act of a stream that has so many pieces, then an error, and no end."""
    return events_act([*[_first(case, route)] * pieces, {"error": ERROR}])


def _first(case: Case, route: str) -> dict[str, Any]:
    stream = case.contract.stream(route)
    sound = base64.b64encode(speech_like_wav(case.marker, 0.1)).decode()
    return {"type": stream.delta, stream.piece: sound if stream.encoded else case.marker}


def one_piece(case: Case, route: str, usage: dict[str, Any]) -> dict[str, Any]:
    """The act of a stream of one piece whose end reports this usage."""
    stream, first = case.contract.stream(route), _first(case, route)
    whole = {stream.whole: first[stream.piece]} if stream.whole else {}
    return events_act([first, {"type": stream.done, **whole, "usage": usage}])


def events_act(events: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The act of a stream of these events."""
    text = "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events)
    return {"content_type": "text/event-stream; charset=utf-8", "body": {"text": text}, "chunked": True}

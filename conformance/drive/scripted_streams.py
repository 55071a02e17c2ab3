"""Streams that a provider is told to send: of a text, with an error in the middle, without usage."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from conformance.audio.samples import speech_like_wav
from conformance.contracts import Stream
from conformance.drive.case import Case
from conformance.samples.event_streams import Spelling, plain

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


def with_every_member(case: Case, route: str, fill: str = "") -> list[dict[str, Any]]:
    """A stream's events with each member that the dialect knows, and the filling in its first piece."""
    stream, first = case.contract.stream(route), _first(case, route)
    if stream.encoded:
        pieces = [first | {stream.piece: fill or first[stream.piece]}, first]
        return [*pieces, {"type": stream.done, "usage": dict.fromkeys(stream.usage, 7)}]
    words = [first[stream.piece] + fill, " Grüße", " 狐"]
    told = [{"token": word, "logprob": -0.00012345678, "bytes": list(word.encode())[:8]} for word in words]
    deltas = [
        {"type": stream.delta, stream.piece: word, "logprobs": [each], "segment_id": "seg_0"}
        for word, each in zip(words, told, strict=True)
    ]
    usage = {"type": "tokens", "input_tokens": 14, "output_tokens": 45, "total_tokens": 59}
    details = {"input_token_details": {"text_tokens": 10, "audio_tokens": 4}}
    end = {"languages": [{"code": "de"}], "logprobs": told, "usage": usage | details}
    return [*deltas, {"type": stream.done, stream.whole or "text": "".join(words), **end}]


def events_act(events: Iterable[dict[str, Any]], spelling: Spelling = plain) -> dict[str, Any]:
    """The act of a stream of these events."""
    text = "".join(map(spelling, events))
    return {"content_type": "text/event-stream; charset=utf-8", "body": {"text": text}, "chunked": True}

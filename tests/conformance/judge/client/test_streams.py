"""Streams of events: what is read of them, and what each judge says of one that is wrong."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest

from conformance import contracts
from conformance.http.exchange import Answer, Ending, Exchange, Request, WireAnswer, WireExchange
from conformance.judge.client.streams import (
    did_not_end,
    has_error_event,
    has_usage,
    is_ordered,
    is_stream,
    no_end_after_error,
    pieces_join,
    read_events,
    same_events,
)

CONTRACT = contracts.load("openai-audio-2026-11")
SPEECH, TRANSCRIPT = CONTRACT.stream("speech"), CONTRACT.stream("transcriptions")
DELTA, DONE = "transcript.text.delta", "transcript.text.done"
WHOLE = [{"type": DELTA, "delta": "Hel"}, {"type": DELTA, "delta": "lo."}, {"type": DONE, "text": "Hello."}]


def written(events: list[dict[str, Any]]) -> bytes:
    return "".join(f"data: {json.dumps(event)}\n\n" for event in events).encode()


def streamed(body: bytes, media_type: str = "text/event-stream; charset=utf-8") -> Exchange:
    headers = (("Content-Type", media_type),)
    return Exchange(Request("POST", "http://gateway/audio", (), b""), Answer(200, headers, body))


def ended(body: bytes, ending: Ending) -> WireExchange:
    exchange = streamed(body)
    return WireExchange(exchange, WireAnswer(200, exchange.answer.headers if exchange.answer else (), body, ending))


@pytest.mark.parametrize(
    "text",
    [
        'data: {"type": "a"}\n\ndata: {"type": "b"}\n\n',
        'data: {"type": "a"}\r\n\r\ndata: {"type": "b"}\r\n\r\n',
        '\ufeff: hello\n\nevent: x\nid: 7\ndata:{"type":\ndata: "a"}\n\ndata: {"type": "b"}\n\ndata: [DONE]\n\n',
        'data: {"type": "a"}\r\rdata: [DONE]\r\rdata: {"type": "b"}\r\r',
    ],
    ids=["plain", "crlf", "everything", "cr"],
)
def test_events_are_read_in_every_legal_spelling(text: str) -> None:
    """Line ends, comments, fields that are not data, several lines of data, a farewell: only what they say counts."""
    assert read_events(text.encode()).all == ({"type": "a"}, {"type": "b"})
    assert read_events(text.encode()).problem == ""


def test_only_line_ends_of_the_format_end_lines() -> None:
    """A text may hold other characters that some languages take for line ends."""
    text = "a\u2028b\u0085c"
    (event,) = read_events(f'data: {{"type": "a", "text": "{text}"}}\n\n'.encode()).all
    assert event["text"] == text


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'data: {"type": "\xff"}\n\n', "no UTF-8"),
        (b"data: {1}\n\n", "no JSON object"),
        (b"data: [1]\n\n", "no JSON object"),
        (b'data: {"type": "a"}\n', "without its end"),
    ],
)
def test_what_is_no_event_is_named(body: bytes, problem: str) -> None:
    """The problem, and nothing is read after it."""
    assert problem in read_events(body).problem
    finding = is_stream(streamed(body), because="x")
    assert finding
    assert problem in finding.got


def test_a_stream_has_its_media_type_and_types() -> None:
    """A body under another label is none, nor is an event that does not say what it is."""
    assert is_stream(streamed(written(WHOLE)), because="x") is None
    assert is_stream(streamed(written(WHOLE), "application/json"), because="x") is not None
    finding = is_stream(streamed(written([*WHOLE[:1], {"delta": "x"}])), because="x")
    assert finding
    assert "without a type" in finding.got


@pytest.mark.parametrize(
    ("events", "right"),
    [
        (WHOLE, True),
        (WHOLE[-1:], True),
        ([WHOLE[0], {"type": "transcript.text.segment"}, WHOLE[2]], True),
        ([{"type": "unknown"}, *WHOLE], True),
        (WHOLE[:-1], False),
        ([*WHOLE, WHOLE[-1]], False),
        ([WHOLE[-1], *WHOLE[:-1]], False),
        ([{"type": "transcript.text.segment"}, *WHOLE], False),
        ([*WHOLE, {"type": "unknown"}], False),
    ],
    ids=[
        "whole",
        "no-words",
        "segments",
        "unknown-first",
        "no-end",
        "two-ends",
        "end-first",
        "segments-first",
        "after-end",
    ],
)
def test_the_end_comes_once_and_last(events: list[dict[str, Any]], *, right: bool) -> None:
    """Types that nobody documented may stand anywhere but after the end."""
    assert (is_ordered(streamed(written(events)), TRANSCRIPT, least=0, because="x") is None) is right


def test_speech_has_a_piece_at_least() -> None:
    """Words there may be none, but sound there always is."""
    done = [{"type": "speech.audio.done", "usage": {}}]
    finding = is_ordered(streamed(written(done)), SPEECH, least=1, because="x")
    assert finding
    assert "speech.audio.delta (1 or more)" in finding.expected


def test_the_pieces_have_to_be_the_whole() -> None:
    """What is expected is the text of the last event."""
    assert pieces_join(streamed(written(WHOLE)), TRANSCRIPT, because="x") is None
    finding = pieces_join(streamed(written([WHOLE[1], WHOLE[0], WHOLE[2]])), TRANSCRIPT, because="x")
    assert finding
    assert (finding.expected, finding.got) == ("'Hello.'", "'lo.Hel'")


def test_usage_has_its_integers() -> None:
    """A number as text is none, and neither is a truth value."""
    usage: dict[str, Any] = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    piece = {"type": "speech.audio.delta", "audio": base64.b64encode(b"x").decode()}

    def of(found: dict[str, Any]) -> bytes:
        return written([piece, {"type": "speech.audio.done", "usage": found}])

    assert has_usage(streamed(of(usage)), SPEECH, because="x") is None
    assert has_usage(streamed(of({**usage, "total_tokens": "3"})), SPEECH, because="x") is not None
    assert has_usage(streamed(of({**usage, "total_tokens": True})), SPEECH, because="x") is not None


def test_the_first_difference_from_the_providers_events_is_told() -> None:
    """By its number; spelling, a farewell and further members do not count."""
    sent = written(WHOLE).decode()
    assert same_events(streamed(sent.replace(": ", ":").encode() + b"data: [DONE]\n\n"), sent, because="x") is None
    more = [{**event, "sequence_number": number} for number, event in enumerate(WHOLE)]
    assert same_events(streamed(written(more)), sent, because="x") is None
    changed = [WHOLE[0], {**WHOLE[1], "delta": "la."}, WHOLE[2]]
    finding = same_events(streamed(written(changed)), sent, because="x")
    assert finding
    assert "event 1" in finding.message
    bare = same_events(streamed(written([*WHOLE[:2], {"type": DONE}])), sent, because="x")
    assert bare
    assert "event 2" in bare.message
    longer = same_events(streamed(written([*WHOLE, {"type": "note"}])), sent, because="x")
    assert longer
    assert longer.got.startswith("4 events")
    lost = same_events(streamed(written(WHOLE[:2])), sent, because="x")
    assert lost
    assert lost.expected.startswith("3 events")


def test_a_broken_stream_shows_that_it_is() -> None:
    """By its framing or by an event that says so; one that ends properly without a word hides it."""
    body = written(WHOLE[:2])
    assert did_not_end(ended(body, Ending.RESET), TRANSCRIPT, because="x") is None
    assert (
        did_not_end(ended(body + written([{"error": {"code": "x"}}]), Ending.COMPLETE), TRANSCRIPT, because="x") is None
    )
    assert did_not_end(ended(body, Ending.COMPLETE), TRANSCRIPT, because="x") is not None
    refused = ended(body, Ending.COMPLETE)
    answer = Answer(502, (), b"")
    assert (
        did_not_end(replace(refused, exchange=replace(refused.exchange, answer=answer)), TRANSCRIPT, because="x")
        is None
    )


def test_the_providers_error_is_found_by_its_names() -> None:
    """Type and code have to be the provider's; the message may be the gateway's own."""
    error = {"type": "server_error", "code": "interrupted", "message": "Theirs."}
    told = written([WHOLE[0], {"error": {**error, "message": "Ours."}}])
    assert has_error_event(streamed(told), TRANSCRIPT, error, because="x") is None
    other = written([WHOLE[0], {"error": {**error, "code": "failed"}}])
    assert has_error_event(streamed(other), TRANSCRIPT, error, because="x") is not None
    assert has_error_event(streamed(written(WHOLE)), TRANSCRIPT, error, because="x") is not None


def test_a_stream_with_an_error_has_no_end() -> None:
    """Whoever closes it as if all were said hides the error."""
    failed = [*WHOLE[:1], {"error": {"code": "x"}}]
    assert no_end_after_error(streamed(written(failed)), TRANSCRIPT, because="x") is None
    finding = no_end_after_error(streamed(written([*failed, WHOLE[-1]])), TRANSCRIPT, because="x")
    assert finding
    assert finding.expected == f"no {DONE}"

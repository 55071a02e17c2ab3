"""Transcripts at the client: what the text is, where the contract puts it, and whether it is the provider's.

A contract says for each response format whether a transcript is a JSON object or a plain document: its `TranscriptShape`.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from conformance.contracts import TranscriptShape
from conformance.http.exchange import Answer, Exchange, Finding, preview
from conformance.judge.client.headers import header_of
from conformance.judge.texts import around, first_difference
from conformance.mock.calls import RecordedCall


def text_of(exchange: Exchange, shape: TranscriptShape) -> str | None:
    """The text of a transcript; None where there is none, or none that is text."""
    answer = exchange.answer
    if answer is None:
        return None
    if shape.kind == "document":
        return _decoded(answer)
    value = answer.document().get(shape.text)
    return value if isinstance(value, str) else None


def request_id_of(exchange: Exchange, shape: TranscriptShape) -> str | None:
    """The request's id inside a transcript; None where that is no string or a blank one, or where no id belongs there."""
    value = exchange.answer.document().get(shape.request_id) if exchange.answer and shape.request_id else None
    return value if isinstance(value, str) and value.strip() else None


def is_transcript(exchange: Exchange, shape: TranscriptShape, *, because: str) -> Finding | None:
    """The answer has the media type of the shape, is UTF-8, and holds a text (rulings: Answers, transcript)."""
    answer = exchange.answer
    expected = _expected(shape)
    if answer is None:
        return Finding(f"{because}: no answer", expected, exchange.got, (exchange,))
    if answer.media_type not in shape.media_types:
        got = f"Content-Type {answer.header('content-type')!r}"
        wanted = f"Content-Type {' or '.join(shape.media_types)}"
        return Finding(f"{because}: wrong media type", wanted, got, (exchange,))
    problem = _no_document(answer) if shape.kind == "document" else _no_object(answer, shape.text)
    return Finding(f"{because}: not a transcript", expected, problem, (exchange,)) if problem else None


def has_request_id(exchange: Exchange, shape: TranscriptShape, *, because: str) -> Finding | None:
    """The transcript holds an id of the request, a string that is not blank, where the contract puts one there."""
    name = shape.request_id
    if name is None or request_id_of(exchange, shape) is not None:
        return None
    document = exchange.answer.document() if exchange.answer else {}
    got = exchange.got if exchange.answer is None else f"{document[name]!r}" if name in document else f"no {name}"
    return Finding(f"{because}: no {name}", f"{name}, a string that is not blank", got, (exchange,))


def request_id_in_header(exchange: Exchange, shape: TranscriptShape, header: str) -> Finding | None:
    """The id in the transcript and that in the header are the same, where both are there."""
    inside, outside = request_id_of(exchange, shape), header_of(exchange, header)
    if inside is None or not outside or inside == outside.strip():
        return None
    message = f"{shape.request_id} and {header} differ"
    return Finding(message, f"both {outside!r}", f"{shape.request_id} {inside!r}", (exchange,))


def text_is(exchange: Exchange, expected: str, shape: TranscriptShape, *, because: str) -> Finding | None:
    """The text is exactly what is expected, code point by code point (rulings: Answers, text)."""
    got = text_of(exchange, shape)
    if got == expected:
        return None
    if got is None:
        return Finding(f"{because}: no text", around(expected, 0), exchange.got, (exchange,))
    place = first_difference(expected, got)
    lengths = f"{len(expected)} characters expected, {len(got)} came"
    message = f"{because}: the text differs from character {place} on ({lengths})"
    return Finding(message, around(expected, place), around(got, place), (exchange,))


def text_is_providers(
    exchange: Exchange, call: RecordedCall, shape: TranscriptShape, *, because: str
) -> Finding | None:
    """The client's text is the provider's: that in its JSON response, or the document that it sent where the client got one.

    Not judged where the provider's response has none.
    """
    provided = provider_document(call)
    text = provided.get("text", call.response_text if shape.kind == "document" and not provided else None)
    return text_is(exchange, text, shape, because=because) if isinstance(text, str) else None


def has_no_text(exchange: Exchange, shape: TranscriptShape, *, because: str) -> Finding | None:
    """Not a success with words in it: no bytes of audio hold any."""
    if not exchange.is_success or not (text_of(exchange, shape) or "").strip():
        return None
    return Finding(f"{because}: words out of nothing", "an error, or an empty text", exchange.got, (exchange,))


def provider_document(call: RecordedCall) -> dict[str, Any]:
    """The JSON object that the provider answered a call with; empty where it answered none."""
    try:
        value = json.loads(call.response_text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _expected(shape: TranscriptShape) -> str:
    return "a text in UTF-8" if shape.kind == "document" else f'a JSON object {{"{shape.text}": string, ...}}'


def _no_document(answer: Answer) -> str | None:
    return None if _decoded(answer) is not None else f"no UTF-8: {preview(answer.body, 100)}"


def _decoded(answer: Answer) -> str | None:
    try:
        return answer.body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _no_object(answer: Answer, member: str) -> str | None:
    try:
        document = json.loads(answer.body.decode("utf-8"), parse_constant=_no_number)
    except ValueError as error:
        return f"no JSON ({error}): {preview(answer.body, 100)}"
    if not isinstance(document, dict):
        return f"JSON, but no object: {preview(answer.body, 100)}"
    if not isinstance(document.get(member), str):
        return f"no string under {member}: {preview(answer.body, 200)}"
    return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")

"""Transcripts as documents: a JSON object with ``text`` and ``request_id``, and what stands under ``text``."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from conformance.http.exchange import Answer, Exchange, Finding, preview
from conformance.judge.client.headers import REQUEST_ID, header_of

_AROUND = 20


def text_of(exchange: Exchange) -> str | None:
    """What stands under ``text``; None where that is no string."""
    value = exchange.answer.document().get("text") if exchange.answer else None
    return value if isinstance(value, str) else None


def request_id_of(exchange: Exchange) -> str | None:
    """What stands under ``request_id``; None where that is no string or an empty one."""
    value = exchange.answer.document().get("request_id") if exchange.answer else None
    return value if isinstance(value, str) and value.strip() else None


def is_object(exchange: Exchange, *, because: str) -> Finding | None:
    """A JSON object in UTF-8 under application/json, with a string under ``text`` (rulings: transcript)."""
    answer = exchange.answer
    if answer is None:
        return Finding(f"{because}: no answer", "a JSON object", exchange.got, (exchange,))
    if answer.media_type != "application/json":
        got = f"Content-Type {answer.header('content-type')!r}"
        return Finding(f"{because}: not labelled as JSON", "Content-Type application/json", got, (exchange,))
    problem = _problem_of(answer)
    if problem is None:
        return None
    return Finding(f"{because}: not a transcript", 'a JSON object {"text": string, ...}', problem, (exchange,))


def has_request_id(exchange: Exchange, *, because: str) -> Finding | None:
    """``request_id`` is a string that is not empty."""
    if request_id_of(exchange) is not None:
        return None
    value = exchange.answer.document().get("request_id", "none") if exchange.answer else exchange.got
    return Finding(f"{because}: no request_id", "request_id, a string that is not empty", repr(value), (exchange,))


def request_id_in_header(exchange: Exchange) -> Finding | None:
    """``request_id`` and X-Request-Id are the same where both are there."""
    inside, header = request_id_of(exchange), header_of(exchange, REQUEST_ID)
    if inside is None or not header or inside == header.strip():
        return None
    return Finding(f"request_id and {REQUEST_ID} differ", f"both {header!r}", f"request_id {inside!r}", (exchange,))


def text_is(exchange: Exchange, expected: str, *, because: str) -> Finding | None:
    """``text`` is exactly ``expected``, code point by code point."""
    got = text_of(exchange)
    if got == expected:
        return None
    if got is None:
        return Finding(f"{because}: no text", _shown(expected, 0), exchange.got, (exchange,))
    at = next((at for at, (one, other) in enumerate(zip(expected, got, strict=False)) if one != other), None)
    place = min(len(expected), len(got)) if at is None else at
    lengths = f"{len(expected)} characters expected, {len(got)} came"
    message = f"{because}: the text differs from character {place} on ({lengths})"
    return Finding(message, _shown(expected, place), _shown(got, place), (exchange,))


def has_no_text(exchange: Exchange, *, because: str) -> Finding | None:
    """Not a 2xx with words in it: nothing can be heard in nothing."""
    if exchange.status is None or not 200 <= exchange.status < 300 or not (text_of(exchange) or "").strip():
        return None
    return Finding(f"{because}: words out of nothing", "an error, or an empty text", exchange.got, (exchange,))


def _problem_of(answer: Answer) -> str | None:
    try:
        document = json.loads(answer.body.decode("utf-8"), parse_constant=_no_number)
    except ValueError as error:
        return f"no JSON ({error}): {preview(answer.body, 100)}"
    if not isinstance(document, dict):
        return f"JSON, but no object: {preview(answer.body, 100)}"
    if not isinstance(document.get("text"), str):
        return f"no string under text: {preview(answer.body, 200)}"
    return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _shown(text: str, place: int) -> str:
    """The text around a place, every character that is not plain ASCII written out."""
    start = max(0, place - _AROUND)
    return f"{'…' if start else ''}{text[start : place + _AROUND]!a}"


def provider_document(call: dict[str, Any]) -> dict[str, Any]:
    """The JSON object that the provider answered a call with; empty where it answered none."""
    try:
        value = json.loads((call.get("answer") or {}).get("text") or "")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}

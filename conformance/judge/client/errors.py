"""Error answers: an envelope that a client can read, and a request id that support can find."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from conformance.http.exchange import Answer, Exchange, Finding

_EXPECTED = 'application/json with {"error": {"message": a non-empty string, "type": a non-empty string}}'


def enveloped(exchange: Exchange, *, because: str) -> Finding | None:
    """The body is JSON, says so, and tells what went wrong under ``error``. Other members are the gateway's own affair."""
    problem = "no answer" if exchange.answer is None else _problem_of(exchange.answer)
    if not problem:
        return None
    return Finding(f"{because}: {problem}", _EXPECTED, exchange.got, (exchange,))


def _problem_of(answer: Answer) -> str:
    if answer.media_type != "application/json" and not answer.media_type.endswith("+json"):
        return f"the error is labelled {answer.media_type or 'nothing'}, not JSON"
    error = answer.document().get("error")
    if not isinstance(error, dict):
        return "the body has no object under `error`"
    return next(
        (f"`error.{name}` is no non-empty string" for name in ("message", "type") if not _says(error, name)), ""
    )


def _says(error: dict[str, Any], name: str) -> bool:
    value = error.get(name)
    return isinstance(value, str) and bool(value.strip())


def has_request_id(exchange: Exchange, *, because: str) -> Finding | None:
    """The answer carries an X-Request-Id that is not empty."""
    if exchange.answer is not None and request_id_of(exchange):
        return None
    return Finding(f"{because}: no X-Request-Id", "a non-empty X-Request-Id header", _headers(exchange), (exchange,))


def request_id_of(exchange: Exchange) -> str:
    """The X-Request-Id of the answer; empty where there is none."""
    return ((exchange.answer.header("x-request-id") if exchange.answer else None) or "").strip()


def ids_unique(exchanges: Sequence[Exchange], ids: Iterable[str], *, because: str) -> Finding | None:
    """No two of the exchanges share an id; those without one are for another judge. ``ids`` go with ``exchanges``."""
    pairs = [(given, exchange) for given, exchange in zip(ids, exchanges, strict=True) if given]
    repeated = {given for given, times in Counter(given for given, _ in pairs).items() if times > 1}
    if not repeated:
        return None
    shared = min(repeated)
    witnesses = tuple(exchange for given, exchange in pairs if given == shared)
    return Finding(
        f"{because}: {len(witnesses)} requests share an id", "an id of its own for each request", shared, witnesses[:3]
    )


def _headers(exchange: Exchange) -> str:
    if exchange.answer is None:
        return exchange.got
    return f"{exchange.answer.status} with {', '.join(name for name, _ in exchange.answer.headers) or 'no headers'}"

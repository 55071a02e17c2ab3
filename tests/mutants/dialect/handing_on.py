"""What a gateway that hands on loses or makes up: errors, waits, members, usage; and what only the dialect asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.mutants.conditions import SERVED, When, on, status
from tests.mutants.dialect.streams import dialect
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Mutant
from tests.mutants.recipes import headed, restated, retold

_CLIENTS = When(lambda _, answer: answer is not None and 400 <= answer.status < 500 and answer.status != 401)
_FAILURES = When(lambda _, answer: answer is not None and answer.status >= 500)
_ERRORS = _CLIENTS | _FAILURES
_ZERO = {"type": "tokens", "input_tokens": 0, "output_tokens": 0, "total_tokens": 0}


def _without(*names: str) -> Any:
    return lambda _, document: {name: value for name, value in document.items() if name not in names}


def _error_without(*names: str) -> Any:
    def change(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
        error = document.get("error")
        kept = {name: value for name, value in error.items() if name not in names} if isinstance(error, dict) else error
        return {**document, "error": kept}

    return change


def _uncoded(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    """Every error under one code."""
    return {**document, "error": {**document.get("error", {}), "code": "upstream_error"}}


def _known_only(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    known = ("text", "task", "language", "duration", "segments", "words", "usage")
    return {name: value for name, value in document.items() if name in known}


def _shapeless(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "usage": {"seconds": "1"}}


def _speakerless(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    segments = document.get("segments") or []
    return {**document, "segments": [{k: v for k, v in each.items() if k != "speaker"} for each in segments]}


def _plain_names(asked: Asked) -> Asked:
    """Only the name with brackets is known."""
    return asked.with_parts([part for part in asked.parts if part.name != "timestamp_granularities"])


def _unlabelled(_: Asked, answer: Answer) -> Answer:
    media_type = answer.header("content-type") or ""
    return (
        answer.with_header("content-type", "application/octet-stream")
        if media_type.startswith("text/plain")
        else answer
    )


def _of(route: str) -> Iterator[Mutant]:
    when, requirement = on(route), f"transparency.{route}"
    yield dialect(f"{route}-4xx-becomes-500", f"{requirement}.status", restated(500, when & _CLIENTS))
    yield dialect(f"{route}-5xx-becomes-429", f"{requirement}.status", restated(429, when & _FAILURES))
    yield dialect(f"{route}-error-recoded", f"{requirement}.error", retold(_uncoded, when & _ERRORS))
    yield dialect(f"{route}-error-param-lost", f"{requirement}.error", retold(_error_without("param"), when & _ERRORS))
    yield dialect(f"{route}-retry-after-lost", f"{requirement}.retry-after", headed("retry-after", None, when))
    for kind in ("limit", "remaining", "reset"):
        lost = headed(f"x-ratelimit-{kind}-requests", None, when & SERVED)
        yield dialect(f"{route}-rate-{kind}-lost", f"{requirement}.rate-headers", lost)
    yield dialect(f"{route}-request-id-lost", f"{requirement}.request-id", headed("x-provider-request-id", None, when))
    if route in TRANSCRIPTS:
        yield dialect(f"{route}-members-lost", f"{requirement}.body", retold(_known_only, when & SERVED))
        yield dialect(f"{route}-usage-lost", f"metering.{route}.usage", retold(_without("usage"), when & SERVED))
        yield dialect(
            f"{route}-usage-made-up",
            f"metering.{route}.absent",
            retold(lambda _, document: {"usage": _ZERO, **document}, when & SERVED),
        )
        yield dialect(f"{route}-usage-shapeless", f"{route}.usage.shape", retold(_shapeless, when & SERVED))
        for name in ("text", "srt", "vtt"):
            yield dialect(f"{route}-{name}-unlabelled", f"{route}.document-label.{name}", answers(_unlabelled, when))
        yield dialect(f"{route}-segment-members-lost", f"{route}.verbose.segment-members", retold(_bare, when & SERVED))


def _bare(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    segments = document.get("segments")
    kept = ("id", "start", "end", "text")
    bare = [{name: each[name] for name in kept if name in each} for each in segments or []]
    return document if segments is None else {**document, "segments": bare}


_ANY = on(*ROUTES)

MUTANTS: tuple[Mutant, ...] = (
    *(mutant for route in ROUTES for mutant in _of(route)),
    dialect("error-without-param", "errors.object.missing-field", retold(_error_without("param"), _ANY & status(400))),
    dialect("error-without-code", "errors.object.unknown-model", retold(_error_without("code"), _ANY & status(404))),
    dialect("error-without-type", "errors.object.no-token", retold(_error_without("type"), _ANY & status(401))),
    dialect(
        "error-in-detail", "errors.object.missing-field", retold(lambda _, found: {"detail": found}, _ANY & status(400))
    ),
    dialect("speakers-lost", "transcriptions.speakers", retold(_speakerless, on("transcriptions") & SERVED)),
    dialect(
        "array-needs-brackets", "transcriptions.granularities.spelling", requests(_plain_names, on("transcriptions"))
    ),
)

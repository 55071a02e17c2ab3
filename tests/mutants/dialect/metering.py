"""What a call used is counted twice, lost, made up, or measured by what a recording says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reference_server.upstreams import ProviderFailed, ProviderRefused, TranscriptResponse
from tests.mutants.behind import Call, Order, calls
from tests.mutants.caches import cached, same_content
from tests.mutants.conditions import SERVED, When, asked, on
from tests.mutants.dialect.streams import dialect
from tests.mutants.edge import answers
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault, Mutant
from tests.mutants.recipes import headed, retold, upload

_TOTAL = "x-usage-total-tokens"
_SECONDS = "x-usage-seconds"
_FAILED = When(lambda _, answer: answer is not None and answer.status >= 400)
_PAID = {"type": "tokens", "input_tokens": 12, "output_tokens": 0, "total_tokens": 12}
# Where the size of the samples stands in a plain wav, and how many of them last a second.
_SIZE, _PER_S = slice(40, 44), 32_000


def _unreported(_: Asked, answer: Answer) -> bool:
    return isinstance(answer.document, dict) and "usage" not in answer.document


_UNREPORTED = When(lambda request, answer: answer is not None and _unreported(request, answer))


def _zeroed(_: Asked, answer: Answer) -> Answer:
    """Every header is there, whatever the provider said."""
    return answer.with_header(_TOTAL, "0") if _unreported(_, answer) else answer


def _by_its_head(request: Asked, document: dict[str, Any]) -> dict[str, Any]:
    """The duration is computed from what the recording says of its size."""
    data = upload(request)
    if "duration" not in document or not data.startswith(b"RIFF"):
        return document
    return {**document, "duration": int.from_bytes(data[_SIZE], "little") / _PER_S}


def _by_its_bytes(request: Asked, document: dict[str, Any]) -> dict[str, Any]:
    """A flac or an mp3 lasts as long as so many bytes of wav."""
    data, usage = upload(request), document.get("usage")
    if data.startswith(b"RIFF") or not isinstance(usage, dict) or "seconds" not in usage:
        return document
    return {**document, "usage": {**usage, "seconds": len(data) // _PER_S}}


async def _adding_up(_: str, order: Order, call: Call) -> Any:
    """A call that is tried again is counted as often as it was made."""
    try:
        return await call(order)
    except (ProviderFailed, ProviderRefused):
        found = await call(order)
    usage = found.document.get("usage") if isinstance(found, TranscriptResponse) else None
    if not isinstance(usage, dict):
        return found
    twice = {name: 2 * value if isinstance(value, int) else value for name, value in usage.items()}
    return TranscriptResponse({**found.document, "usage": twice})


def _of(route: str) -> Iterator[Mutant]:
    when, requirement = on(route), f"metering.{route}"
    billed = retold(lambda _, document: {**document, "usage": _PAID}, when & _FAILED)
    yield dialect(f"{route}-failure-has-usage", f"{requirement}.failed", billed)
    yield dialect(f"{route}-failure-in-headers", f"{requirement}.failed", headed(_TOTAL, "12", when & _FAILED))
    if route not in TRANSCRIPTS:
        return
    served = when & SERVED
    yield dialect(f"{route}-total-header-lost", f"{requirement}.headers", headed(_TOTAL, None, served))
    yield dialect(f"{route}-seconds-header-of-its-own", f"{requirement}.headers", headed(_SECONDS, "1", served))
    yield dialect(f"{route}-header-zero", f"{requirement}.headers-absent", answers(_zeroed, served))
    yield dialect(f"{route}-retry-counted-twice", f"{requirement}.retried", calls(_adding_up))
    yield dialect(f"{route}-copy-counted", f"{requirement}.repeated", _copies(when))
    yield dialect(f"{route}-duration-by-the-head", f"{requirement}.odd-recordings", retold(_by_its_head, served))
    yield dialect(f"{route}-seconds-by-the-bytes", f"{requirement}.odd-recordings", retold(_by_its_bytes, served))


def _copies(when: When) -> Fault:
    """What was asked before is answered with a copy, headers and all."""
    return cached(same_content, when & asked(lambda request: bool(upload(request))))


MUTANTS: tuple[Mutant, ...] = tuple(mutant for route in ROUTES for mutant in _of(route))

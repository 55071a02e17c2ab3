"""Response caches: gateways that answer again what they answered before, for whoever a key of theirs takes for the same."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from typing import Any

from msgspec.structs import asdict

from reference_server.upstreams import SpeechResponse, TranscriptResponse
from tests.mutants.behind import Call, Order, calls
from tests.mutants.conditions import SERVED, When, asked
from tests.mutants.edge import answers, instead
from tests.mutants.exchange import Answer, Asked
from tests.mutants.fault import Fault
from tests.mutants.recipes import upload

Key = Callable[[Asked], Hashable]


def same_bytes(request: Asked) -> Hashable:
    return request.path, request.body


def same_fields(request: Asked) -> Hashable:
    """Equal values are enough, however they are written."""
    named = ("model", "input", "voice", "response_format", "speed", "prompt", "language", "temperature")
    return request.path, repr([request.get(name) for name in named]), upload(request)


def same_content(request: Asked) -> Hashable:
    """The text or the recording, and nothing of what is asked besides."""
    return request.path, repr(request.get("input")), upload(request)


def of_one_token(key: Key) -> Key:
    """What one token was served, another is not."""
    return lambda request: (request.header("authorization"), key(request))


def cached(key: Key, who: When, kept: When = SERVED, *, own_ids: bool = True) -> Fault:
    """Keeps answers that meet `kept`, and answers with them, before anything else is looked at, to requests of `who`.

    Without `own_ids` a copy has the request id of the first.
    """
    stored: dict[Hashable, Answer] = {}

    def keep(request: Asked, answer: Answer) -> Answer:
        stored.setdefault(key(request), answer)
        return answer

    def again(request: Asked) -> Answer:
        return _under_a_new_id(stored[key(request)]) if own_ids else stored[key(request)]

    return answers(keep, kept & who) | instead(again, who & asked(lambda request: key(request) in stored))


def _under_a_new_id(answer: Answer) -> Answer:
    name = f"req_{secrets.token_hex(8)}"
    document = answer.document
    named = isinstance(document, dict) and "request_id" in document
    changed = answer.with_document({**document, "request_id": name}) if named else answer
    return changed.with_header("x-request-id", name)


def cached_behind_the_gate() -> Fault:
    """What the provider answered is kept, and asked for by nobody who was not let in: a cache as it should be."""
    stored: dict[Hashable, Any] = {}

    async def around(route: str, order: Order, call: Call) -> Any:
        key = (route, repr(_values(order)))
        if key not in stored:
            found: SpeechResponse | TranscriptResponse = await call(order)
            stored[key] = found
        return stored[key]

    return calls(around)


def _values(order: Order) -> dict[str, Any]:
    """The order's values, the recording by its bytes."""
    values = asdict(order)
    audio = values.pop("audio", None)
    return values if audio is None else {**values, "audio": audio.read()}

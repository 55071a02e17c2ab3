"""What OpenAI's library for Python stumbles over, or takes for something else."""

from __future__ import annotations

import json
from typing import Any

from tests.mutants.conditions import SERVED, When, on, sent, status
from tests.mutants.dialect.streams import dialect
from tests.mutants.edge import answers
from tests.mutants.eventful import events
from tests.mutants.exchange import Answer, Asked
from tests.mutants.fault import Mutant
from tests.mutants.recipes import headed, restated, retold

_HEARD = on("transcriptions")
_STREAMED = _HEARD & sent("stream")
_REFUSED = When(lambda _, answer: answer is not None and answer.status >= 400)


def _as_json(_: Asked, answer: Answer) -> Answer:
    """A document as a string of JSON."""
    return answer.with_body(json.dumps(answer.body.decode()).encode(), "application/json")


def _in_detail(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    return {"detail": document.get("error")}


MUTANTS: tuple[Mutant, ...] = (
    dialect(
        "library-speech-cut", "sdk.python.speech", answers(lambda _, a: a.with_body(a.body[:-1]), on("speech") & SERVED)
    ),
    dialect(
        "library-text-is-json",
        "sdk.python.transcripts",
        answers(_as_json, _HEARD & SERVED & sent("response_format", lambda name: name == "srt")),
    ),
    dialect(
        "library-events-renamed",
        "sdk.python.stream",
        events(lambda found: [{**each, "type": f"audio.{each['type']}"} for each in found], _STREAMED),
    ),
    dialect(
        "library-error-is-an-event",
        "sdk.python.stream-error",
        events(
            lambda found: [each if "error" not in each else {"type": "failed", **each["error"]} for each in found],
            _STREAMED,
        ),
    ),
    dialect("library-errors-in-detail", "sdk.python.errors", retold(_in_detail, _HEARD & _REFUSED)),
    dialect("library-key-403", "sdk.python.no-key", restated(403, _HEARD & status(401))),
    dialect("library-finds-no-id", "sdk.python.request-id", headed("x-request-id", None, _HEARD)),
)

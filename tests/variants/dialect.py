"""Gateways of OpenAI's dialect that do differently what its contract leaves open; none may be accused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import SERVED, When, asked, on, path_of, status
from tests.mutants.dialect.streams import DIALECT
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ABSENT, ROUTES, TRANSCRIPTS, Answer, Asked
from tests.mutants.fault import Fault, Settings
from tests.mutants.recipes import headed, replies, restated, retold
from tests.variants.variant import Variant

_ERRORS = status(*range(400, 600))
_HEARD = on(*TRANSCRIPTS) & SERVED
_PLAIN = When(lambda _, answer: answer is not None and "event-stream" not in (answer.header("content-type") or ""))
_OF_SPEECH = frozenset({"model", "input", "voice", "instructions", "response_format", "speed", "stream_format"})
_LABELS = {"srt": "application/x-subrip", "vtt": "text/vtt; charset=utf-8"}
_BLANK_LINE = re.compile(rb"\n\n")
# What only keys that are handed on have.
_OF_STREAMS = (
    "speech_stream",
    "transcription_stream",
    "diarization",
    "logprobs",
    "keywords",
    "custom_voice",
    "transformed",
)


def _dialect(name: str, fault: Fault, why: str) -> Variant:
    return Variant(f"dialect-{name}", replace(fault, contract=DIALECT), f"dialect, {why}")


def _written(write: Callable[[bytes], bytes], end: bytes = b"") -> Fault:
    """Every event of a stream is written otherwise as soon as it is whole; `end` comes after the last."""

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            streams, begun = False, bytearray()

            async def rewritten(message: Message) -> None:
                nonlocal streams
                if message["type"] == "http.response.start":
                    streams = any(b"event-stream" in value for _, value in message["headers"])
                elif streams:
                    begun.extend(message.get("body", b""))
                    *whole, rest = _BLANK_LINE.split(bytes(begun))
                    begun[:] = rest
                    last = b"" if message.get("more_body", False) else rest + end
                    message = {**message, "body": b"".join(map(write, whole)) + last}
                await send(message)

            await app(scope, receive, rewritten if scope["type"] == "http" else send)

        return wrapped

    return Fault(around=(around,))


def _document(event: bytes) -> Any:
    """The data of an event, whichever way it is written; None for one that has none."""
    data = [line.removeprefix(b"data:") for line in event.splitlines() if line.startswith(b"data:")]
    return json.loads(b"\n".join(data)) if data else None


def _as_lines(event: bytes) -> bytes:
    """With the type beside the data, other line ends, no blank after the colon, and a comment to keep the connection."""
    document = _document(event)
    if document is None:
        return b""
    kind = str(document.get("type", "error"))
    data = json.dumps(document, ensure_ascii=False)
    return f": still here\r\n\r\nevent:{kind}\r\ndata:{data}\r\n\r\n".encode()


def _with_members(event: bytes) -> bytes:
    document = _document(event)
    if document is None:
        return event + b"\n\n"
    return f"data: {json.dumps({**document, 'sequence_number': 7, 'cost': None})}\n\n".encode()


def _pretty(_: Asked, answer: Answer) -> Answer:
    """Read and written anew: blanks and the order of members are another."""
    document = answer.document
    if not isinstance(document, dict):
        return answer
    turned = dict(reversed(document.items()))
    return answer.with_body(json.dumps(turned, indent=2).encode(), "application/json; charset=utf-8")


def _bare_names(request: Asked) -> Asked:
    """Arrays under the names that the schema has."""
    return request.with_parts([replace(each, name=each.name.removesuffix("[]")) for each in request.parts])


def _bracketed(request: Asked) -> Asked:
    """Arrays under the names that the official clients write."""
    arrays = ("timestamp_granularities", "include", "languages", "keywords", "known_speaker_names")
    named = {name: f"{name}[]" for name in arrays}
    return request.with_parts([replace(each, name=named.get(each.name, each.name)) for each in request.parts])


def _more_of_errors(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    error = document.get("error")
    return {**document, "error": {**error, "doc_url": None}, "request_id": "r"} if isinstance(error, dict) else document


def _labelled(request: Asked, answer: Answer) -> Answer:
    return answer.with_header("content-type", _LABELS.get(str(request.get("response_format")), "text/plain"))


def _own_words(settings: Settings) -> None:
    """Nothing is handed on."""
    settings["providers"]["openai"]["hands_on"] = False


def _own_ears(settings: Settings) -> None:
    """What speaks and hears is in the gateway itself."""
    settings["providers"]["openai"] = settings["providers"]["remade"] = {"kind": "mock"}


def _handled(how: str) -> Callable[[Settings], None]:
    """The target declares that every operation is handled so, and no streams."""

    def declare(target: Settings) -> None:
        target["handling"] = dict.fromkeys(("speech", "transcription", "translation"), how)
        target["models"] = {name: keys for name, keys in target["models"].items() if name not in _OF_STREAMS}
        if how == "local":
            del target["mock_provider"], target["expect"]

    return declare


def _no_usage_headers(target: Settings) -> None:
    del target["usage_headers"]


class _TryingAgain:
    """Asks a provider that is overloaded once more, and hands on the second answer, whatever it is."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def relay(self, operation: Any, request: Any) -> Any:
        relayed = await self._inner.relay(operation, request)
        if relayed.status not in {502, 503, 529}:
            return relayed
        await relayed.close()
        return await self._inner.relay(operation, request)


_MANY_FIELDS = asked(lambda r: isinstance(r.document, dict) and bool(set(r.document) - _OF_SPEECH))
_NULLS = asked(lambda r: isinstance(r.document, dict) and None in r.document.values())
_LIST = asked(lambda request: request.method == "GET" and "/models" in request.path)
_SIZED = answers(lambda _, answer: answer.with_body(answer.body), _PLAIN & SERVED)
_IN_CHUNKS = answers(lambda _, answer: answer.without_header("content-length"), _PLAIN)

VARIANTS = (
    Variant("dialect-mock-alone", Fault(), "dialect, transparency-handling: passthrough of nothing", alone=True),
    _dialect("as-it-is", Fault(), "the reference server, as it speaks the dialect"),
    _dialect("octet-stream", headed("content-type", "application/octet-stream", on("speech") & SERVED & _PLAIN), "speech-content-type"),
    _dialect("all-sized", _SIZED, "never judged: chunked or sized"),
    _dialect("all-in-chunks", _IN_CHUNKS, "never judged: chunked or sized"),
    _dialect("farewell", _written(lambda event: event + b"\n\n", b"data: [DONE]\n\n"), "streams-done: [DONE] may come after it"),
    _dialect("events-written-otherwise", _written(_as_lines), "streams-events: as server-sent events are standardised"),
    _dialect("events-with-more-members", _written(_with_members), "streams-same: they may have more"),
    _dialect("documents-written-anew", answers(_pretty, _HEARD & _PLAIN), "transparency-body: members with equal values"),
    _dialect("more-members", retold(lambda _, found: {**found, "cost": 0.1, "x": None}, _HEARD & _PLAIN), "transparency-body: every member, and more"),
    _dialect("documents-labelled", answers(_labelled, _HEARD & asked(lambda r: r.get("response_format") in {"text", "srt", "vtt"})), "transcripts-documents-label: SHOULD"),
    _dialect("bare-names", requests(_bare_names, on(*TRANSCRIPTS)), "transcriptions-spellings: both"),
    _dialect("bracketed-names", requests(_bracketed, on(*TRANSCRIPTS)), "transcriptions-spellings: both"),
    _dialect("more-of-errors", retold(_more_of_errors, path_of(*ROUTES) & _ERRORS), "common-error-object: these four, and more"),
    _dialect("limits-of-its-own", answers(lambda _, a: a.with_header("x-ratelimit-limit-requests", "5").with_header("x-ratelimit-remaining-requests", "4"), path_of(*ROUTES) & _PLAIN), "transparency-limits: or of the gateway's own"),
    _dialect("no-ids", headed("x-request-id", None, path_of(*ROUTES) & _PLAIN) | headed("x-provider-request-id", None, path_of(*ROUTES) & _PLAIN), "common-request-id: SHOULD"),
    _dialect("no-list-of-models", replies(404, _LIST), "models-list: where there is one"),
    _dialect("models-for-everybody", restated(200, _LIST & status(401)), "models-key: SHOULD"),
    _dialect("unknown-model-400", restated(400, path_of(*ROUTES) & status(404)), "common-unknown-model: a 4xx, 404 by choice"),
    _dialect("unsupported-type-400", restated(400, path_of(*ROUTES) & status(415)), "never judged: 415 against 400"),
    _dialect("extra-fields-refused", replies(400, on("speech") & _MANY_FIELDS), "common-unknown-field"),
    _dialect("nulls-refused", replies(400, on("speech") & _NULLS), "common-optional-type"),
    _dialect("nulls-left-out", requests(lambda r: r.with_fields(**{k: ABSENT for k, v in r.document.items() if v is None and k not in {"model", "input"}}), on("speech") & _NULLS), "common-optional-type"),
    _dialect("tries-again", Fault(upstreams=(_TryingAgain,)), "transparency-one-call: SHOULD"),
    _dialect("in-its-own-words", Fault(settings=(_own_words,), declared=(_handled("transform"),)), "transparency-handling: transform"),
    _dialect("in-its-own-words-errors-500", restated(500, path_of(*ROUTES) & status(429)) | Fault(settings=(_own_words,), declared=(_handled("transform"), lambda t: t.pop("limited_tokens") and None)), "failures-status: an error, whichever"),
    _dialect("with-its-own-ears", Fault(settings=(_own_ears,), declared=(_handled("local"), _no_usage_headers)), "transparency-handling: local"),
)  # fmt: skip

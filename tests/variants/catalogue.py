"""The variants: each is the reference gateway with something that the contract leaves open done differently."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from reference_server.asgi import App, Message, Receive, Scope, Send
from reference_server.upstreams import ProviderFailed, ProviderRefused
from tests.mutants.behind import Call, Order, calls, heard_calls, misreports, order_fields, spoken_calls
from tests.mutants.breakers import by_provider, rests
from tests.mutants.caches import cached_behind_the_gate
from tests.mutants.conditions import AS_FORM, AS_JSON, SERVED, asked, lacks, on, path_of, sent, status
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ABSENT, ROUTES, TRANSCRIPTS, Answer, Asked, Part, error_answer
from tests.mutants.fault import Fault, Lifecycle, Settings
from tests.mutants.recipes import filled, headed, replies, restated, retold
from tests.variants import dialect, leeway, limits, observed, rough
from tests.variants.proxies.programs import CADDY, ENVOY, HAPROXY, NGINX, Deployment
from tests.variants.variant import Variant

_SPEECH = on("speech") & SERVED
_HEARD = on(*TRANSCRIPTS) & SERVED
_ERRORS = status(*range(400, 600))
_OTHER_NAMES = {
    "audio/mpeg": "audio/mp3",
    "audio/ogg": "audio/opus",
    "audio/opus": "audio/ogg; codecs=opus",
    "audio/flac": "audio/x-flac",
    "audio/wav": "audio/x-wav",
    "audio/pcm": "audio/L16; rate=24000; channels=1",
}
_MORE_NAMES = {
    "audio/mpeg": "Audio/MPEG",
    "audio/ogg": 'audio/ogg; codecs="opus"',
    "audio/aac": "audio/aac; charset=binary",
    "audio/wav": "audio/vnd.wave",
    "audio/pcm": "audio/pcm;rate=24000;encoding=signed-int;bits=16",
}


def _named(names: dict[str, str]) -> Fault:
    def change(_: Asked, answer: Answer) -> Answer:
        essence = (answer.header("content-type") or "").partition(";")[0]
        return answer.with_header("content-type", names.get(essence, essence))

    return answers(change, _SPEECH)


def _body(make: Callable[[Answer], tuple[bytes, str]]) -> Fault:
    def change(_: Asked, answer: Answer) -> Answer:
        return answer.with_body(*make(answer))

    return answers(change, path_of(*ROUTES) & _ERRORS)


def _uuid_ids(_: Asked, answer: Answer) -> Answer:
    name = str(uuid.uuid4())
    document = answer.document
    changed = answer.with_document({**document, "request_id": name}) if isinstance(document, dict) else answer
    return changed.with_header("x-request-id", name)


def _pretty(_: Asked, answer: Answer) -> Answer:
    return answer.with_body(json.dumps(answer.document, indent=4).encode(), "application/json; charset=utf-8")


def _slow(seconds: float) -> Fault:
    async def around(_: str, order: Order, call: Call) -> Any:
        await asyncio.sleep(seconds)
        return await call(order)

    return calls(around)


async def _retrying(_: str, order: Order, call: Call) -> Any:
    try:
        return await call(order)
    except (ProviderFailed, ProviderRefused) as error:
        if isinstance(error, ProviderRefused) and error.status < 500:
            raise
        return await call(order)


def _closing(app: App) -> App:
    """No connection is kept."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0].lower() != b"connection"]
                message = {**message, "headers": [*kept, (b"connection", b"close")]}
            await send(message)

        await app(scope, receive, closing if scope["type"] == "http" else send)

    return wrapped


def _chunked_errors(_: Asked, answer: Answer) -> Answer:
    return answer.without_header("content-length")


def _header_spelling(style: Callable[[bytes], bytes]) -> Callable[[App], App]:
    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            async def spelt(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message = {**message, "headers": [(style(name), value) for name, value in message["headers"]]}
                await send(message)

            await app(scope, receive, spelt if scope["type"] == "http" else send)

        return wrapped

    return around


def _with_defaults(parts: list[Part]) -> list[Part]:
    defaults = {"response_format": b"json", "temperature": b"0"}
    missing = {name: value for name, value in defaults.items() if all(each.name != name for each in parts)}
    return [*parts, *(Part(name, value) for name, value in missing.items())]


def _rate_of(per_second: int) -> Fault:
    """A rate limit of its own over everything, with an honest Retry-After."""

    def around(app: App) -> App:
        served: list[float] = []

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            now = time.monotonic()
            served[:] = [each for each in served if now - each < 1]
            if scope["type"] == "http" and len(served) >= per_second:
                await error_answer(429, "Too many requests.").with_header("retry-after", "1").send(send)
                return
            if scope["type"] == "http":
                served.append(now)
            await app(scope, receive, send)

        return wrapped

    return Fault(around=(around,))


def _total_budget(total: int) -> Fault:
    """The budget that the target declares, with another total."""

    def edit(settings: Settings) -> None:
        settings["limits"]["tokens"]["spent"]["budget"]["total"] = total

    return Fault(settings=(edit,))


def _odd_base64(request: Asked) -> bool:
    """Whether the data is base64 only for a lenient reader."""
    audio = request.get("audio")
    data = audio.get("data") if isinstance(audio, dict) else None
    if not isinstance(data, str) or not data:
        return False
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return True
    return False


def _without(*names: str) -> Callable[[Asked, dict[str, Any]], dict[str, Any]]:
    return lambda _, document: {key: value for key, value in document.items() if key not in names}


def _unknown_models(code: int) -> Fault:
    """The answer for an unknown model, and for a key of the other capability, under another status."""

    def change(_: Asked, answer: Answer) -> Answer:
        error = answer.document.get("error") if isinstance(answer.document, dict) else None
        unknown = isinstance(error, dict) and error.get("code") == "model_not_found"
        return answer.with_status(code) if unknown else answer

    return answers(change, path_of(*ROUTES) & status(400))


def _wrong_optional(request: Asked) -> bool:
    speed, temperature = request.get("speed"), request.get("temperature")
    return any(value is not ABSENT and not isinstance(value, (int, float)) for value in (speed, temperature))


def _has_null(request: Asked) -> bool:
    """Whether a field is null that may be refused for it: response_format of speech must be ignored instead."""
    fields = request.document if isinstance(request.document, dict) else {}
    return any(
        value is None for name, value in fields.items() if (request.route, name) != ("speech", "response_format")
    )


_LENIENT = asked(_wrong_optional) & AS_JSON
_REFUSED_BY_PROVIDER = {400, 404, 413, 415, 422}

VARIANTS = (
    Variant("other-media-types", _named(_OTHER_NAMES), "Answers: accepted names"),
    Variant("media-types-with-parameters", _named(_MORE_NAMES), "Answers: accepted names, any parameters"),
    Variant("errors-minimal", _body(lambda _: (b"", "text/plain")), "Answers: the envelope is a SHOULD"),
    Variant("errors-in-html", _body(lambda a: (f"<h1>{a.status}</h1>".encode(), "text/html")), "Answers: the envelope is a SHOULD"),
    Variant("errors-plain", _body(lambda _: (b"error: bad request", "text/plain")), "Answers: the envelope is a SHOULD"),
    Variant("errors-with-detail", _body(lambda _: (b'{"detail":"Bad Request"}', "application/json")), "Answers: the envelope is a SHOULD"),
    Variant("extra-members", retold(lambda _, d: {**d, "usage": {"seconds": 1}, "model": "whisper-1", "x": None}, _HEARD), "Answers: an object with text and request_id"),
    Variant("pretty-json", answers(_pretty, _HEARD), "JSON is JSON"),
    Variant("uuid-ids", answers(_uuid_ids, path_of(*ROUTES)), "Answers: any non-empty id"),
    Variant("no-ids-on-errors", headed("x-request-id", None, _ERRORS), "Answers: SHOULD on every other answer"),
    Variant("no-id-header-on-transcripts", headed("x-request-id", None, _HEARD), "Answers: SHOULD"),
    Variant("too-large-400", restated(400, status(413)), "Statuses: 400 or 413"),
    Variant("unknown-model-404", _unknown_models(404), "Statuses: MUST be 4xx"),
    Variant("unknown-model-403", _unknown_models(403), "Statuses: MUST be 4xx"),
    Variant("methods-404", restated(404, status(405)), "Statuses: SHOULD 405"),
    Variant("slow", _slow(0.2), "no time is promised"),
    Variant("refuses-connections-while-draining", Fault(lifecycle=Lifecycle(closes_listener=True)), "Statuses: refused connections are not answers"),
    Variant("no-keep-alive", Fault(around=(_closing,)), "HTTP: connections may be closed"),
    Variant("chunked-errors", answers(_chunked_errors, _ERRORS), "Content-Length is promised for speech only"),
    Variant("chunked-transcripts", answers(_chunked_errors, _HEARD), "Content-Length is promised for speech only"),
    Variant("headers-in-capitals", Fault(around=(_header_spelling(bytes.upper),)), "HTTP: names have no case"),
    Variant("headers-in-title-case", Fault(around=(_header_spelling(bytes.title),)), "HTTP: names have no case"),
    Variant("default-wav", order_fields("speech") | spoken_calls(lambda call: {"response_format": "wav", **call}), "Speech: the provider default is used"),
    Variant("default-opus", spoken_calls(lambda call: {"response_format": "opus", **call}), "Speech: the provider default is used"),
    Variant("wrong-optionals-served", requests(lambda r: r.with_fields(speed=ABSENT, temperature=ABSENT), on(*ROUTES) & _LENIENT), "Statuses: 200 or 400"),
    Variant("strict-base64", replies(400, on(*TRANSCRIPTS) & asked(_odd_base64)), "Statuses: unpadded, URL-safe or wrapped 200 or 400"),
    Variant("nulls-refused", replies(400, on(*ROUTES) & AS_JSON & asked(_has_null)), "Statuses: an optional field of a wrong type 200 or 400"),
    Variant("unknown-transcript-format-json", filled(on(*TRANSCRIPTS) & sent("response_format", lambda v: v not in ("json", "text", "srt", "vtt", "verbose_json")), response_format="json"), "Statuses: 200 or 400"),
    Variant("nameless-file-refused", replies(400, on(*TRANSCRIPTS) & AS_FORM & asked(lambda r: r.file is not None and not r.file.file_name)), "Statuses: 200 or 400"),
    Variant("extra-fields-refused", replies(400, on("speech") & asked(lambda r: isinstance(r.document, dict) and bool(set(r.document) - {"model", "input", "voice", "response_format", "speed", "instructions"}))), "Statuses: SHOULD be ignored"),
    Variant("retries-once", calls(_retrying), "Provider side: one call is a SHOULD"),
    Variant("explicit-defaults", spoken_calls(lambda call: {"voice": "alloy", "speed": 1.0, "stream_format": "audio", **call}) | heard_calls(_with_defaults), "Provider side: sent fields are judged, not others"),
    Variant("form-written-anew", heard_calls(lambda parts: sorted(parts, key=lambda each: each.name)), "Provider side: values are judged, not their order"),
    Variant("file-first", heard_calls(lambda parts: sorted(parts, key=lambda each: not each.is_file)), "Provider side: values are judged, not their order"),
    Variant("refusals-500", misreports(lambda told: told.status in _REFUSED_BY_PROVIDER, lambda _, answer: answer.with_status(500), on(*ROUTES)), "Statuses: MUST be 400 or 500"),
    Variant("provider-limit-500", misreports(lambda told: told.status == 429, lambda _, answer: answer.with_status(500), on(*ROUTES)), "Statuses: MUST be 429 or 500"),
    Variant("own-rate-limit", _rate_of(40), "an unexpected 429 is never a violation"),
    Variant("own-limit-of-requests-in-flight", limits.room_for(6, 429), "an unexpected 429 is never a violation"),
    Variant("limits-that-punish", headed("retry-after", "3600", status(429)), "Statuses: Retry-After is in seconds, however many"),
    Variant("silent-on-limits", headed("retry-after", None, status(429)), "Statuses: Retry-After is a SHOULD"),
    Variant("text-alone-in-json", retold(_without("usage"), _HEARD & (lacks("response_format") | sent("response_format", lambda v: v == "json"))), "Answers: text and request_id"),
    Variant("four-workers", Fault(), "any number of processes", workers=4),
    *leeway.VARIANTS,
    *observed.VARIANTS,
    *rough.VARIANTS,
    *limits.VARIANTS,
    *dialect.VARIANTS,
    Variant("cache-behind-the-gate", cached_behind_the_gate(), "Answers: ids are unique; that a call is made for what was asked before is not promised"),
    Variant("budget-spent-before", _total_budget(0), "the target promises that so many requests spend it, not that none did"),
    Variant("budget-of-few", _total_budget(1), "the target promises that so many requests spend it, not that none did"),
    *(
        Variant(f"behind-{proxy.program}{'-in-tls' if tls else ''}", Fault(), "a deployed gateway stands behind a proxy", behind=Deployment(proxy, tls))
        for proxy in (NGINX, HAPROXY, ENVOY, CADDY)
        for tls in (False, True)
    ),
    *(
        Variant(f"{proxy.program}-before-the-provider", Fault(), "dialect, Transparency: passthrough", behind=Deployment(proxy, relays=True))
        for proxy in (NGINX, HAPROXY, ENVOY, CADDY)
    ),
    Variant("behind-caddy-guarded", Fault(), "a deployed gateway stands behind a proxy", behind=Deployment(CADDY, tls=True, guarded=True)),
    Variant("breaker-8-s-503", rests(8, 503, by_provider), "Statuses: a gateway MAY rest a provider that failed"),
    Variant("breaker-30-s-500", rests(30, 500, by_provider), "Statuses: a gateway MAY rest a provider that failed"),
    Variant("breaker-60-s-429", rests(60, 429, by_provider, retry_after=True), "Statuses: a gateway MAY rest a provider that failed"),
)  # fmt: skip

"""Legal ways with what the contract leaves open of values, names, numbers, texts and ids."""

from __future__ import annotations

import re
import struct
import time
from dataclasses import replace
from typing import Any

from reference_server.asgi import App, Receive, Scope, Send
from tests.mutants.behind import heard_calls, order_fields, spoken_calls
from tests.mutants.conditions import asked, header, on, path_of
from tests.mutants.edge import answers, requests
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked, Part, asked_of, error_answer
from tests.mutants.fault import Fault, Settings
from tests.mutants.faults.leeway import BLANK, CONTROLS, PADDED, STARRED, URLS
from tests.mutants.place import LIMITED
from tests.mutants.recipes import replies
from tests.variants.variant import Variant

_LINE_BREAK = re.compile(r"\r\n|\r|\n")
_KEYS = ("tts-1-hd", "tts-1", "whisper-1", "scribe", "azure-tts", "azure-stt", "azure-mute", "azure-deaf")
_PROVIDERS_NAMES = {"gpt-4o-mini-tts": "tts-1-hd", "gpt-4o-transcribe": "scribe"}


def _single(value: Any) -> Any:
    """The number as four bytes hold it, with all the digits that it then has."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    (held,) = struct.unpack("f", struct.pack("f", value))
    return held


def _single_in_form(part: Part) -> Part:
    return replace(part, value=repr(_single(float(part.value))).encode()) if part.name == "temperature" else part


def _without_brackets(part: Part) -> Part:
    return replace(part, name=part.name.removesuffix("[]"))


def _under_the_clients_id(request: Asked, answer: Answer) -> Answer:
    name = request.header("x-request-id") or ""
    document = answer.document
    named = isinstance(document, dict) and "request_id" in document
    changed = answer.with_document({**document, "request_id": name}) if named else answer
    return changed.with_header("x-request-id", name)


def _known(key: Any) -> str | None:
    """The key that one in other letters or behind a prefix stands for, or that the provider's own name does."""
    if not isinstance(key, str) or key in _KEYS:
        return None
    return _PROVIDERS_NAMES.get(key) or next((each for each in _KEYS if key.casefold().endswith(each)), None)


def _each_route_by_itself(limit: int, window_s: float) -> Fault:
    """The rate limit of a token, counted for each route apart."""
    served: dict[str, list[float]] = {route: [] for route in ROUTES}

    def unlimited(settings: Settings) -> None:
        del settings["limits"]["tokens"]["rate"]

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            request = asked_of(scope, 0) if scope["type"] == "http" else None
            if request and request.route and request.header("authorization") == f"Bearer {LIMITED['rate']}":
                times, now = served[request.route], time.monotonic()
                times[:] = [each for each in times if now - each < window_s]
                if len(times) >= limit:
                    wait = str(int(window_s - (now - times[0])) + 1)
                    await error_answer(429, "Too many requests.").with_header("retry-after", wait).send(send)
                    return
                times.append(now)
            await app(scope, receive, send)

        return wrapped

    return Fault(around=(around,), settings=(unlimited,))


_SINGLE_IN_JSON = spoken_calls(lambda call: {name: _single(value) for name, value in call.items()})
_SINGLE_IN_FORMS = heard_calls(lambda parts: [_single_in_form(each) for each in parts])
_RELAXED = asked(lambda request: _known(request.get("model")) is not None)

VARIANTS = (
    Variant("numbers-in-single-precision", _SINGLE_IN_JSON | _SINGLE_IN_FORMS, "Provider side: numbers are equal that agree to single precision"),
    Variant("windows-line-breaks-in-forms", order_fields(*TRANSCRIPTS, prompt=lambda text: _LINE_BREAK.sub("\r\n", text)), "Provider side: line breaks in form fields count as equal"),
    Variant("marks-dropped-in-forms", order_fields(*TRANSCRIPTS, prompt=lambda text: text.removeprefix("\ufeff")), "Provider side: a leading U+FEFF in form fields counts as absent"),
    Variant("odd-file-names-refused", replies(400, on(*TRANSCRIPTS) & (CONTROLS | STARRED)), "Statuses: control characters and filename* 200 or 400"),
    Variant("data-urls-refused", replies(400, on(*TRANSCRIPTS) & URLS), "Statuses: a data: URL 400"),
    Variant("ids-of-the-client", answers(_under_the_clients_id, path_of(*ROUTES) & header("x-request-id")), "Answers: a client's own X-Request-Id MAY be taken over"),
    Variant("blank-and-padded-refused", replies(422, on("speech") & BLANK) | replies(404, on(*ROUTES) & PADDED), "Statuses: blank input and padded keys 200 or 4xx"),
    Variant("padded-keys-stripped", requests(lambda request: request.with_fields(model=request.get("model").strip()), on(*ROUTES) & PADDED), "Statuses: padded keys 200 or 4xx"),
    Variant("keys-taken-loosely", requests(lambda request: request.with_fields(model=_known(request.get("model"))), on(*ROUTES) & _RELAXED), "Provider side: keys in other letters, behind a prefix, or the provider's own name are not judged"),
    Variant("granularities-without-brackets", heard_calls(lambda parts: [_without_brackets(each) for each in parts]), "Provider side: with or without brackets is not judged"),
    Variant("rate-limit-for-each-route", _each_route_by_itself(5, 60), "Provider side: whether a rate limit counts per token, user or route is not judged"),
)  # fmt: skip

"""What the dialect shares with the Audio API, broken as this one forbids it: what breaks it there may be allowed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import SERVED, When, header, lacks, on, sent
from tests.mutants.dialect.streams import dialect
from tests.mutants.edge import answers, requests
from tests.mutants.eventful import broken_by_who_leaves
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked, asked_of
from tests.mutants.fault import Fault, Forward, Mutant
from tests.mutants.place import PROVIDER_KEY
from tests.mutants.recipes import headed, replies, retold, transcript

_FAILED = When(lambda _, answer: answer is not None and answer.status >= 500)
_REFUSED = When(lambda _, answer: answer is not None and answer.status >= 400)
_OWN_WORDS = sent("model", lambda key: key == "own-words-stt")
_SECOND = sent("model", lambda key: key == "gpt-4o-mini-tts")
_MANY = 4
_CUE = b"1\n00:00:00,000 --> 00:00:01,000\n"
_DOCUMENTS: dict[str, Callable[[bytes], bytes]] = {
    "text": bytes.strip,
    "srt": lambda body: body.rstrip(b"\n"),
    "vtt": lambda body: body.replace(b"\n", b"\r\n"),
}


def _in(name: str) -> When:
    return sent("response_format", lambda wanted: wanted == name)


def _empty(_: Asked, __: Answer) -> Answer:
    """An empty transcript, whatever happened."""
    return transcript("")


def _with_the_key(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    """The provider's words are repeated, with the key in them that they are about."""
    error = document.get("error")
    told = f"Incorrect API key provided: {PROVIDER_KEY}."
    return {**document, "error": {**error, "message": told}} if isinstance(error, dict) else document


def _textless(_: Asked, document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name != "text"}


def _worn_out(route: str) -> Fault:
    """Once it has refused a few requests of an operation, it serves none of them any more."""

    def around(app: App) -> App:
        refused = 0

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal refused
            mine = scope["type"] == "http" and asked_of(scope, 0).route == route

            async def counted(message: Message) -> None:
                nonlocal refused
                if mine and message["type"] == "http.response.start":
                    refused += 400 <= message["status"] < 500
                    message = {**message, "status": 500} if refused >= _MANY else message
                await send(message)

            await app(scope, receive, counted)

        return wrapped

    return Fault(around=(around,))


def _particular(test: Any) -> Fault:
    """A provider's answer for speech that is not written as this gateway expects it is a failure."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        response = await forward(request)
        if request.url.path.endswith("/speech") and not test(response):
            raise httpx.RemoteProtocolError("unexpected header")
        return response

    return Fault(wire=(wire,))


def _small_names(response: httpx.Response) -> bool:
    return all(name == name.lower() for name, _ in response.headers.raw)


def _small_type(response: httpx.Response) -> bool:
    value = response.headers.get("content-type", "")
    return bool(value == value.lower()) and "version" not in value


def _of_transcripts(route: str) -> Iterator[Mutant]:
    when, failures = on(route), f"failures.{route}"
    served = answers(_empty, when & _FAILED)
    yield dialect(f"{route}-own-words-made-up", f"{failures}.broken-json", answers(_empty, when & _OWN_WORDS & _FAILED))
    yield dialect(f"{route}-reset-made-up-for", f"{failures}.reset-mid-body", served)
    yield dialect(f"{route}-cut-made-up-for", f"{failures}.truncated", served)
    odd = header("content-type", lambda value: value.partition(";")[0] != value.partition(";")[0].lower())
    yield dialect(f"{route}-type-in-capitals-refused", f"generated.{route}.media-type", replies(415, when & odd))
    for name, change in _DOCUMENTS.items():
        changed = answers(
            lambda _, answer, change=change: answer.with_body(change(answer.body)), when & SERVED & _in(name)
        )
        yield dialect(f"{route}-{name}-document-changed", f"{route}.document-exact.{name}", changed)
    cued = answers(lambda _, answer: answer.with_body(_CUE + answer.body), when & SERVED & _in("text"))
    yield dialect(f"{route}-text-with-times", f"{route}.document.text", cued)
    textless = retold(_textless, when & SERVED & sent("prompt"))
    yield dialect(f"{route}-textless", f"generated.{route}.answers-conform", textless)
    worn_out = dialect(f"{route}-worn-out", f"robustness.{route}.served-at-the-end", _worn_out(route))
    yield replace(worn_out, beside=(f"errors.{route}.unknown-model", f"{route}.file.missing"))


def _of(route: str) -> Iterator[Mutant]:
    told = retold(_with_the_key, on(route) & _REFUSED)
    yield dialect(f"{route}-key-repeated", f"secrets.{route}.key-echoed", told)
    yield dialect(
        f"{route}-broken-by-who-leaves", f"robustness.{route}.recovery-abandoned", broken_by_who_leaves(route)
    )


MUTANTS: tuple[Mutant, ...] = (
    *(mutant for route in TRANSCRIPTS for mutant in _of_transcripts(route)),
    *(mutant for route in ROUTES for mutant in _of(route)),
    dialect("key-repeated", "security.provider-key-repeated", retold(_with_the_key, on(*ROUTES) & _REFUSED)),
    dialect(
        "speech-labelled-page",
        "generated.speech.answers-conform",
        headed("content-type", "text/html", on("speech") & SERVED & ~sent("stream_format")),
    ),
    dialect(
        "speech-second-labelled-text",
        "routing.speech.second-model-answer",
        headed("content-type", "text/plain", on("speech") & SERVED & _SECOND),
    ),
    dialect("speech-header-names-particular", "provider.speech.rough-header-names", _particular(_small_names)),
    dialect("speech-media-type-particular", "provider.speech.rough-media-type", _particular(_small_type)),
    dialect(
        "speech-of-nothing",
        "speech.input.missing",
        requests(lambda asked: asked.with_fields(input="Nothing."), on("speech") & lacks("input")),
    ),
)

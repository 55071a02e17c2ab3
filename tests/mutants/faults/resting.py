"""Gateways that bad or abandoned requests shut out: breakers that clients trip, places in line that are never given back."""

from __future__ import annotations

import asyncio
from collections import Counter

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.breakers import by_anyone, rests
from tests.mutants.exchange import BASE_PATH, FORM, JSON, ROUTES, Answer, asked_of, error_answer
from tests.mutants.fault import Fault, Mutant


class _Watched:
    """One request, watched for a client that goes away before its response is out."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.abandoned = False
        self._receive = receive
        self._send = send
        self._leaving: asyncio.Future[Message] | None = None

    async def receive(self) -> Message:
        if self._leaving is not None:
            return await asyncio.shield(self._leaving)
        message = await self._receive()
        self.abandoned = self.abandoned or message["type"] == "http.disconnect"
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._leaving = asyncio.ensure_future(self._receive())
        return message

    async def send(self, message: Message) -> None:
        self.abandoned = self.abandoned or (self._leaving is not None and self._leaving.done())
        await self._send(message)

    def end(self) -> None:
        if self._leaving is not None:
            self._leaving.cancel()


def _leaks_after(route: str, allowed: int, *, of_token: bool = False) -> Fault:
    """Has a place in line for each request, does not give it back when the client goes away, and has so many to lose.

    In all, or (`of_token`) for each token.
    """

    def around(app: App) -> App:
        lost: Counter[bytes] = Counter()

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            owner = dict(scope.get("headers", ())).get(b"authorization", b"") if of_token else b""
            if scope.get("path") != f"{BASE_PATH}/audio/{route}":
                await app(scope, receive, send)
                return
            if lost[owner] >= allowed:
                await error_answer(429, "Too many requests at a time.").send(send)
                return
            watched = _Watched(receive, send)
            try:
                await app(scope, watched.receive, watched.send)
            finally:
                watched.end()
                lost[owner] += watched.abandoned

        return wrapped

    return Fault(around=(around,))


def _loses(route: str, media_type: str, of: int, allowed: int, refusal: Answer) -> Fault:
    """Loses something with every response of the status `of`, and refuses one encoding once so many are lost."""

    def around(app: App) -> App:
        lost = 0

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            request = asked_of(scope, 0)
            if request.route == route and request.media_type == media_type and lost >= allowed:
                await refusal.send(send)
                return

            async def noted(message: Message) -> None:
                nonlocal lost
                lost += message.get("status") == of
                await send(message)

            await app(scope, receive, noted)

        return wrapped

    return Fault(around=(around,))


_BUSY = error_answer(429, "Too many requests at a time.")
_BUSY_FOR_A_SECOND = _BUSY.with_header("retry-after", "1")

MUTANTS = (
    Mutant("speech-loses-with-each-success", "robustness.speech.served-at-the-end", _loses("speech", JSON, 200, 2, error_answer(500))),
    Mutant("transcriptions-lose-with-each-refusal", "robustness.transcriptions.served-at-the-end", _loses("transcriptions", FORM, 400, 2, _BUSY), beside=("calls.transcriptions.unknown-model",)),
    Mutant("transcriptions-lose-in-json", "robustness.transcriptions.served-at-the-end", _loses("transcriptions", JSON, 400, 2, error_answer(503)), beside=("calls.transcriptions.unknown-model",)),
    Mutant("translations-lose-with-each-refusal", "robustness.translations.served-at-the-end", _loses("translations", FORM, 400, 2, _BUSY_FOR_A_SECOND), beside=("calls.translations.unknown-model",)),
    *(
        Mutant(f"{route}-breaker-tripped-by-clients", f"robustness.{route}.recovery-many", rests(3, 500, by_anyone))
        for route in ROUTES
    ),
    *(
        Mutant(f"{route}-leaks-after-{allowed}", f"robustness.{route}.recovery-abandoned", _leaks_after(route, allowed))
        for route, allowed in zip(ROUTES, (1, 10, 30), strict=True)
    ),
    Mutant("speech-leaks-places-of-the-token", "robustness.speech.recovery-abandoned", _leaks_after("speech", 10, of_token=True)),
)  # fmt: skip

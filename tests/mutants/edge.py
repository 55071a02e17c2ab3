"""Faults at the client's side of a gateway: ASGI wrappers that change requests before it and answers after it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import ALWAYS, When
from tests.mutants.exchange import Answer, Asked, asked_of, scope_of
from tests.mutants.fault import Fault

# A request that is larger than any that the gateway serves passes unchanged: it is not held back to be looked at.
_LOOKED_AT_BYTES = 8 * 1024 * 1024

Rewrite = Callable[[Asked, Answer], Answer]


def answers(rewrite: Rewrite, when: When = ALWAYS) -> Fault:
    """Rewrites answers. Those that do not meet the condition pass as they are, piece by piece."""

    def around(app: App) -> App:
        numbers = itertools.count(1)

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            heard = _Heard(receive)
            said = _Said(lambda: asked_of(scope, number, bytes(heard.body)), send, rewrite, when)
            number = next(numbers)
            await app(scope, heard, said)

        return wrapped

    return Fault(around=(around,))


def requests(rewrite: Callable[[Asked], Asked], when: When = ALWAYS) -> Fault:
    """Rewrites requests that meet the condition, before the gateway reads them."""

    async def forward(app: App, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        changed = rewrite(asked)
        await app(scope_of(changed, scope), _replay(changed.body, receive), send)

    return Fault(around=(lambda app: _deciding(app, forward, when),))


def instead(reply: Callable[[Asked], Answer], when: When = ALWAYS) -> Fault:
    """Answers requests that meet the condition without the gateway."""

    async def answer(_: App, asked: Asked, __: Scope, ___: Receive, send: Send) -> None:
        await reply(asked).send(send)

    return Fault(around=(lambda app: _deciding(app, answer, when),))


def _deciding(app: App, act: Callable[..., object], when: When) -> App:
    numbers = itertools.count(1)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        number = next(numbers)
        messages, body, whole = await _read(receive)
        asked = asked_of(scope, number, body)
        if whole and when.holds(asked, None):
            await act(app, asked, scope, receive, send)
        else:
            await app(scope, _again(messages, receive), send)

    return wrapped


class _Heard:
    """Passes the request's messages on and keeps what they held."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.body = bytearray()

    async def __call__(self) -> Message:
        message = await self._receive()
        if len(self.body) < _LOOKED_AT_BYTES:
            self.body += message.get("body", b"")
        return message


class _Said:
    """Holds an answer that is to be rewritten until it is whole."""

    def __init__(self, asked: Callable[[], Asked], send: Send, rewrite: Rewrite, when: When) -> None:
        self._asked = asked
        self._send = send
        self._rewrite = rewrite
        self._when = when
        self._held: Answer | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            answer = Answer(message["status"], _headers(message))
            if self._when.holds(self._asked(), answer):
                self._held = answer
                return
        if self._held is None:
            await self._send(message)
            return
        self._held = replace(self._held, body=self._held.body + message.get("body", b""))
        if not message.get("more_body", False):
            await self._rewrite(self._asked(), self._held).send(self._send)


def _headers(message: Message) -> tuple[tuple[str, str], ...]:
    return tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message["headers"])


async def _read(receive: Receive) -> tuple[list[Message], bytes, bool]:
    """The request's messages as far as they are looked at, the body in them, and whether it is whole."""
    messages: list[Message] = []
    body = bytearray()
    while len(body) < _LOOKED_AT_BYTES:
        messages.append(await receive())
        body += messages[-1].get("body", b"")
        if messages[-1]["type"] != "http.request":
            return messages, bytes(body), False
        if not messages[-1].get("more_body", False):
            return messages, bytes(body), True
    return messages, bytes(body), False


def _again(messages: list[Message], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def again() -> Message:
        return next(waiting, None) or await receive()

    return again


def _replay(body: bytes, receive: Receive) -> Receive:
    return _again([{"type": "http.request", "body": body, "more_body": False}], receive)

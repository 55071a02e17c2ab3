"""Faults of streams: events changed when all are there, pieces changed as they pass, ends that are made up."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import SERVED, When
from tests.mutants.edge import answers
from tests.mutants.exchange import Answer, Asked, asked_of
from tests.mutants.fault import Fault

Event = dict[str, Any]
_AT_ONCE = 8192


def events(change: Callable[[list[Event]], list[Event]], when: When) -> Fault:
    """The events of a stream are changed, all at once when the last is there."""

    def rewrite(_: Asked, answer: Answer) -> Answer:
        found = [json.loads(block.removeprefix("data: ")) for block in answer.body.decode().split("\n\n") if block]
        text = "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in change(found))
        return answer.without_header("content-length").with_body(text.encode())

    return answers(rewrite, when & SERVED)


def lines(read: Callable[[str], str | None], when: When) -> Fault:
    """The lines of a stream are read by a reader of the gateway's own, which drops (None) what it does not understand."""

    def rewrite(_: Asked, answer: Answer) -> Answer:
        found = [made for line in answer.body.decode().split("\n") if (made := read(line)) is not None]
        return answer.without_header("content-length").with_body("\n".join(found).encode())

    return answers(rewrite, when & SERVED)


def each_event(change: Callable[[Event], Event | None], when: When) -> Fault:
    """Every event is changed, or (None) dropped."""
    return events(lambda found: [made for event in found if (made := change(event)) is not None], when)


def pieces(change: Callable[[bytes], bytes], route: str) -> Fault:
    """Every piece of an operation's streams is changed as it passes, whatever it ends in the middle of."""

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            streams = False

            async def changed(message: Message) -> None:
                nonlocal streams
                if message["type"] == "http.response.start":
                    streams = any(b"event-stream" in value for _, value in message["headers"])
                elif streams:
                    message = {**message, "body": change(message.get("body", b""))}
                await send(message)

            mine = scope["type"] == "http" and asked_of(scope, 0).route == route
            await app(scope, receive, changed if mine else send)

        return wrapped

    return Fault(around=(around,))


def first_alone(route: str) -> Fault:
    """The first pieces of a stream pass at once; all that comes later is held until it is whole."""

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            passed, held = 0, b""

            async def later(message: Message) -> None:
                nonlocal passed, held
                if message["type"] == "http.response.body":
                    passed += len(message.get("body", b""))
                    if passed > _AT_ONCE and message.get("more_body", False):
                        held += message.get("body", b"")
                        return
                    message = {**message, "body": held + message.get("body", b"")}
                    held = b""
                await send(message)

            mine = scope["type"] == "http" and asked_of(scope, 0).route == route
            await app(scope, receive, later if mine else send)

        return wrapped

    return Fault(around=(around,))


def ends_anyway(route: str) -> Fault:
    """A body that breaks off is ended as if it were whole."""

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            begun, ended = False, False

            async def noted(message: Message) -> None:
                nonlocal begun, ended
                begun = begun or message["type"] == "http.response.start"
                ended = message["type"] == "http.response.body" and not message.get("more_body", False)
                await send(message)

            await app(scope, receive, noted)
            if scope["type"] == "http" and asked_of(scope, 0).route == route and begun and not ended:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        return wrapped

    return Fault(around=(around,))


def broken_by_who_leaves(route: str) -> Fault:
    """Once a client of the operation left before its response was whole, nobody is served any more."""

    def around(app: App) -> App:
        left = False

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal left
            ended = False

            async def heard() -> Message:
                nonlocal left
                message = await receive()
                mine = scope["type"] == "http" and asked_of(scope, 0).route == route
                left = left or (mine and message["type"] == "http.disconnect" and not ended)
                return message

            async def said(message: Message) -> None:
                nonlocal ended
                if left and message["type"] == "http.response.start":
                    message = {**message, "status": 500}
                ended = message["type"] == "http.response.body" and not message.get("more_body", False)
                await send(message)

            await app(scope, heard, said)

        return wrapped

    return Fault(around=(around,))

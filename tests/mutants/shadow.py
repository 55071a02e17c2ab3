"""A gateway that asks its provider although it refuses the client: limits after the call, checks after the call."""

from __future__ import annotations

import httpx

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.conditions import When
from tests.mutants.exchange import Answer, asked_of
from tests.mutants.fault import Fault, Settings
from tests.mutants.place import PROVIDER_KEY


def called_too(when: When) -> Fault:
    """Sends the client's own body to the provider before an answer that meets the condition leaves."""
    place: dict[str, str] = {}

    def remember(settings: Settings) -> None:
        place["base_url"] = settings["providers"]["openai"]["base_url"]

    def around(app: App) -> App:
        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            body = bytearray()

            async def noted() -> Message:
                message = await receive()
                body.extend(message.get("body", b""))
                return message

            async def said(message: Message) -> None:
                if message["type"] == "http.response.start":
                    asked = asked_of(scope, 0, bytes(body))
                    if when.holds(asked, Answer(message["status"], ())):
                        url = f"{place['base_url']}/audio/{asked.route}"
                        await _call(url, asked.header("content-type"), await _whole(receive, body))
                await send(message)

            await app(scope, noted, said)

        return wrapped

    return Fault(around=(around,), settings=(remember,))


async def _whole(receive: Receive, body: bytearray) -> bytes:
    """The rest of a body that the gateway did not read, as far as it is there at once."""
    while not body:
        message = await receive()
        body.extend(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return bytes(body)


async def _call(url: str, content_type: str | None, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {PROVIDER_KEY}"} | ({"Content-Type": content_type} if content_type else {})
    async with httpx.AsyncClient(verify=False, timeout=10) as client:
        await client.post(url, headers=headers, content=body)

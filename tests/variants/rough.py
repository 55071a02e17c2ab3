"""Legal ways with a provider's unusual answers, with lengths, and with languages that a gateway does not know."""

from __future__ import annotations

import zlib
from typing import Any

import httpx

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.behind import way
from tests.mutants.conditions import on, sent
from tests.mutants.fault import Fault, Forward
from tests.mutants.raw_provider import hand_written
from tests.mutants.recipes import replies
from tests.variants.variant import Variant

_SAME_METHOD = {307, 308}


def _whole(coded: bytes) -> bytes:
    """The decoded body. Raises httpx.DecodingError where it is not whole."""
    decoder = zlib.decompressobj(wbits=47)
    try:
        plain = decoder.decompress(coded)
    except zlib.error as error:
        raise httpx.DecodingError(str(error)) from error
    if not decoder.eof:
        raise httpx.DecodingError("the body ends too soon")
    return plain


async def _compressed(request: httpx.Request, forward: Forward) -> httpx.Response:
    """Asks for compression, and decodes to the end what comes compressed."""
    request.headers["accept-encoding"] = "gzip, deflate"
    response = await forward(request)
    coding = response.headers.get("content-encoding")
    if coding is None:
        return response
    kept = [(name, value) for name, value in response.headers.items() if name != "content-encoding"]
    return httpx.Response(response.status_code, headers=kept, content=_whole(way().told[-1].body))


async def _following(request: httpx.Request, forward: Forward) -> httpx.Response:
    """Follows redirects within the provider's origin: with the body where the status keeps it, else with GET."""
    body = await request.aread()
    response = await forward(request)
    location = response.headers.get("location")
    if location is None or response.status_code // 100 != 3:
        return response
    url, headers = request.url.join(location), request.headers.copy()
    if (url.host, url.port) != (request.url.host, request.url.port):
        return response
    if response.status_code in _SAME_METHOD:
        return await forward(httpx.Request(request.method, url, headers=headers, content=body))
    for name in ("content-length", "content-type", "transfer-encoding"):
        headers.pop(name, None)
    return await forward(httpx.Request("GET", url, headers=headers))


def _led_by_zeros(app: App) -> App:
    """Every length has seven digits or more."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        async def padded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [
                    (k, v.rjust(7, b"0") if k.lower() == b"content-length" else v) for k, v in message["headers"]
                ]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, padded if scope["type"] == "http" else send)

    return wrapped


def _odd_language(value: Any) -> bool:
    return isinstance(value, str) and value != "" and not (len(value) == 2 and value.islower())


VARIANTS = (
    Variant("compression-asked-for", Fault(wire=(_compressed,)), "HTTP: a client may ask for content codings"),
    Variant("redirects-followed-within-the-origin", Fault(wire=(_following,)), "Statuses: the whole answer behind a redirect to the same origin"),
    Variant("lengths-led-by-zeros", Fault(around=(_led_by_zeros,)), "Answers: leading zeros are legal"),
    Variant("odd-languages-refused", replies(400, on("transcriptions") & sent("language", _odd_language)), "Provider side: what is valid reaches the provider"),
    Variant("providers-connections-not-kept", hand_written("speech") | hand_written("transcriptions") | hand_written("translations"), "HTTP: connections may be closed"),
)  # fmt: skip

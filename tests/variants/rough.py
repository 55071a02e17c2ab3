"""Legal ways with a provider's unusual answers, with lengths, and with languages that a gateway does not know."""

from __future__ import annotations

import functools
import json
import operator
import re
import zlib
from typing import Any

import httpx
from msgspec.structs import replace

from reference_server.asgi import App, Message, Receive, Scope, Send
from tests.mutants.behind import orders, way
from tests.mutants.conditions import SERVED, on, sent
from tests.mutants.edge import answers
from tests.mutants.exchange import ROUTES, Answer, Asked
from tests.mutants.fault import Fault, Forward
from tests.mutants.raw_provider import RawAnswer, hand_written
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


def _decoded(response: httpx.Response) -> httpx.Response:
    """The response with as much of its body as can be decoded."""
    plain = zlib.decompressobj(wbits=47).decompress(way().told[-1].body)
    kept = [(name, value) for name, value in response.headers.items() if name != "content-encoding"]
    return httpx.Response(response.status_code, headers=kept, content=plain)


async def _decoded_as_far_as_it_goes(request: httpx.Request, forward: Forward) -> httpx.Response:
    """Asks for compression, and takes what can be decoded for all of it, as most HTTP clients do."""
    request.headers["accept-encoding"] = "gzip, deflate"
    response = await forward(request)
    return _decoded(response) if "content-encoding" in response.headers else response


def _codings_handed_on() -> Fault:
    """Asks for what the client takes, and hands speech on as it came, coded and under its coding."""
    coded: dict[int, tuple[str, bytes]] = {}

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        if not request.url.path.endswith("/audio/speech"):
            return await forward(request)
        request.headers["accept-encoding"] = way().asked.header("accept-encoding") or "identity"
        response = await forward(request)
        coding = response.headers.get("content-encoding")
        if coding is None:
            return response
        coded[id(way().scope)] = coding, way().told[-1].body
        return _decoded(response)

    def labelled(_: Asked, answer: Answer) -> Answer:
        coding, body = coded.pop(id(way().scope), (None, b""))
        return (
            answer.with_body(body, answer.header("content-type")).with_header("content-encoding", coding)
            if coding
            else answer
        )

    return Fault(wire=(wire,)) | answers(labelled, on("speech") & SERVED)


_SEGMENT = {
    "id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob", "compression_ratio", "no_speech_prob"
}  # fmt: skip
_CUE = re.compile(r"(?:.+\n)?[\d:.,]+ --> ")


async def _read_strictly(request: httpx.Request, forward: Forward) -> httpx.Response:
    """A document that is not what the provider promises, or no subtitles where they are due, is a broken answer."""
    response = await forward(request)
    media_type, text = response.headers.get("content-type", ""), response.text
    if response.status_code == 200 and media_type.lower().startswith("application/json") and '"segments"' in text:
        document = json.loads(text)
        lacking = {"language", "duration", "text"} - document.keys()
        if lacking or any(_SEGMENT - each.keys() for each in document["segments"]):
            raise httpx.DecodingError("no detailed transcript")
    if text.startswith("WEBVTT"):
        blocks = re.split(r"\n{2,}", text.strip("\n"))[1:]
        if not all(_CUE.match(block) or block.startswith("NOTE") for block in blocks):
            raise httpx.DecodingError("no subtitles")
    return response


def _no_unasked_continue(answer: RawAnswer) -> httpx.Response:
    if 100 in answer.interim:
        raise httpx.RemoteProtocolError("a 100 that nobody waits for")
    return answer.response()


def _everywhere(**how: Any) -> Fault:
    """The hand-written client on every route."""
    return functools.reduce(operator.or_, (hand_written(route, **how) for route in ROUTES))


def _without_private_language(order: Any) -> Any:
    return replace(order, language=None) if (order.language or "").startswith("x-") else order


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
    Variant("providers-connections-not-kept", _everywhere(), "HTTP: connections may be closed"),
    Variant("providers-connections-trusted-for-two-seconds", _everywhere(trusts_s=2), "HTTP: that a connection is watched while it is idle is a SHOULD (RFC 9112, 9.5)"),
    Variant("unasked-100-a-failure", _everywhere(read=_no_unasked_continue), "Statuses: silent on a 100 that was not asked for"),
    Variant("codings-decoded-as-far-as-it-goes", Fault(wire=(_decoded_as_far_as_it_goes,)), "Statuses: silent on a coding that is cut off under its whole length"),
    Variant("codings-handed-on-to-who-takes-them", _codings_handed_on(), "Statuses: a transfer already begun may be visibly broken"),
    Variant("providers-documents-read-strictly", Fault(wire=(_read_strictly,)), "Statuses: a provider's broken answer is a 500"),
    Variant("private-languages-left-out", orders(_without_private_language, "transcriptions"), "Provider side: what is valid reaches the provider"),
)  # fmt: skip

"""Gateways that are at a loss with a provider's answer in a legal shape: compressed, in pieces, redirected, kept idle."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable

import httpx

from tests.mutants.behind import Told, misreports, way
from tests.mutants.conditions import SERVED, When, on
from tests.mutants.edge import answers
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked, error_answer
from tests.mutants.fault import Fault, Forward, Mutant
from tests.mutants.raw_provider import RawAnswer, Read, hand_written
from tests.mutants.recipes import transcript

_GZIP = "gzip, deflate"
_KNOWN_TYPES = {"audio/mpeg", "audio/wav", "application/json", "text/plain; charset=utf-8"}


def _asking(route: str, offer: Callable[[], str], receive: Callable[[httpx.Response, bytes], httpx.Response]) -> Fault:
    """Asks for compression on this route; `receive(response, coded body)` is what comes of a compressed answer."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        if not request.url.path.endswith(f"/audio/{route}"):
            return await forward(request)
        request.headers["accept-encoding"] = offer()
        response = await forward(request)
        return receive(response, way().told[-1].body) if "content-encoding" in response.headers else response

    return Fault(wire=(wire,))


def _without_coding(response: httpx.Response) -> dict[str, str]:
    kept = {"content-type", "x-request-id", "retry-after"}
    return {name: value for name, value in response.headers.items() if name in kept}


def _undecoded(response: httpx.Response, coded: bytes) -> httpx.Response:
    return httpx.Response(response.status_code, headers=_without_coding(response), content=coded)


def _clients_offer() -> str:
    return way().asked.header("accept-encoding") or "identity"


def _telling_of_it(route: str, rewrite: Callable[[Asked, Answer], Answer], when: When) -> Fault:
    """Decodes what was compressed; the answers to the client that come of it are rewritten."""
    coded: set[int] = set()

    def receive(response: httpx.Response, _: bytes) -> httpx.Response:
        coded.add(id(way().scope))
        return response

    was_coded = When(lambda _, __: id(way().scope) in coded)
    return _asking(route, lambda: _GZIP, receive) | answers(rewrite, on(route) & when & was_coded)


def _as_far_as_it_goes(route: str) -> Fault:
    """What can be decoded of a compressed body is taken for all of it."""

    def receive(response: httpx.Response, coded: bytes) -> httpx.Response:
        headers, plain = _without_coding(response), zlib.decompressobj(wbits=47).decompress(coded)
        if route in TRANSCRIPTS and response.status_code == 200 and not plain.endswith(b"}"):
            plain = json.dumps({"text": plain.decode("utf-8", "replace")}).encode()
        return httpx.Response(response.status_code, headers=headers, content=plain)

    return _asking(route, lambda: _GZIP, receive)


def _spelt(route: str, known: Callable[[str], bool]) -> Fault:
    """A media type that is not known in just this spelling is any."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        response = await forward(request)
        if request.url.path.endswith(f"/audio/{route}") and not known(response.headers.get("content-type", "")):
            response.headers["content-type"] = "application/octet-stream"
        return response

    return Fault(wire=(wire,))


def _no_interim(*statuses: int) -> Read:
    """Interim responses of these statuses are answers that nobody expected."""

    def read(answer: RawAnswer) -> httpx.Response:
        if any(status in statuses for status in answer.interim):
            raise httpx.RemoteProtocolError("an answer of status 1xx")
        return answer.response()

    return read


def _sized_only(answer: RawAnswer) -> httpx.Response:
    """As many bytes as the length says are read: none where there is no length."""
    return answer.response() if answer.header("content-length") else answer.response(b"")


def _just_so(*styles: Callable[[str], str]) -> Read:
    """Headers are looked up in these spellings."""

    def read(answer: RawAnswer) -> httpx.Response:
        answer.headers = [
            (name, value) for name, value in answer.headers if any(name == style(name) for style in styles)
        ]
        return answer.response()

    return read


def _each_piece_decoded(answer: RawAnswer) -> httpx.Response:
    """Every piece is made text by itself, so that a character on its edge is lost."""
    return answer.response("".join(piece.decode("utf-8", "replace") for piece in answer.pieces).encode())


def _first_piece(answer: RawAnswer) -> httpx.Response:
    return answer.response(answer.pieces[0] if answer.pieces else b"")


def _pieces_stripped(answer: RawAnswer) -> httpx.Response:
    """Every piece is trimmed, as lines are."""
    if not (answer.header("content-type") or "").startswith(("application/json", "text/")):
        return answer.response(b"".join(piece for piece in answer.pieces if len(piece) > 6))
    return answer.response(b"".join(piece.strip() for piece in answer.pieces))


def _interim_then_error(route: str) -> Fault:
    """An error that follows interim responses is not known to be one."""
    odd: set[int] = set()

    def read(answer: RawAnswer) -> httpx.Response:
        if answer.interim and answer.status >= 400:
            odd.add(id(way().scope))
        return answer.response()

    was_odd = When(lambda _, __: id(way().scope) in odd)
    return hand_written(route, read) | answers(lambda _, answer: answer.with_status(502), on(route) & was_odd)


def _redirects(told: Told) -> bool:
    return told.status // 100 == 3


def _handed_on(_: Asked, answer: Answer) -> Answer:
    return answer.with_status(way().told[-1].status).with_header("location", "http://127.0.0.1/elsewhere")


def _location_kept(_: Asked, answer: Answer) -> Answer:
    return answer.with_header("location", "http://127.0.0.1/elsewhere")


def _made_up(route: str) -> Callable[[Asked, Answer], Answer]:
    audio = Answer(200, (("x-request-id", "req_made_up"),)).with_body(b"ID3\x04" + bytes(40), "audio/mpeg")
    return lambda _, __: audio if route == "speech" else transcript("")


def _followed_anywhere(route: str, without: str = "") -> Fault:
    """The request goes wherever the provider points, with its key and all, or without this header."""

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        body = await request.aread()
        response = await forward(request)
        location = response.headers.get("location")
        if not location or response.status_code not in {302, 307, 308} or not request.url.path.endswith(route):
            return response
        url, headers = request.url.join(location), request.headers.copy()
        headers["host"] = url.netloc.decode()
        headers.pop(without, None)
        return await forward(httpx.Request(request.method, url, headers=headers, content=body))

    return Fault(wire=(wire,))


# Rows of docs/real-bugs.md.
_BUGS = {"clients-coding-asked-for": "J1", "compressed-answers-undecoded": "J1", "stale-connection-a-500": "J2"}


def _gateways(route: str) -> list[tuple[str, str, Fault]]:
    """Name, requirement, fault."""
    error = lambda _, answer: error_answer(502)  # noqa: E731 - one word for a long one
    refused = When(lambda _, answer: answer is not None and answer.status in {400, 500})
    gzip_kept = _telling_of_it(route, lambda _, answer: answer.with_header("content-encoding", "gzip"), SERVED)
    return [
        ("compressed-answers-undecoded", "provider.{}.rough-compressed", _asking(route, lambda: _GZIP, _undecoded)),
        ("coding-kept-on-decoded", "provider.{}.rough-compressed", gzip_kept),
        ("clients-coding-asked-for", "provider.{}.rough-compressed", _asking(route, _clients_offer, _undecoded)),
        ("chunked-answers-empty", "provider.{}.rough-framing", hand_written(route, _sized_only)),
        ("small-header-names-only", "provider.{}.rough-header-names", hand_written(route, _just_so(str.lower))),
        ("usual-header-names-only", "provider.{}.rough-header-names", hand_written(route, _just_so(str.lower, str.title))),
        ("early-hints-a-failure", "provider.{}.rough-interim", hand_written(route, _no_interim(103))),
        ("processing-a-failure", "provider.{}.rough-interim", hand_written(route, _no_interim(102))),
        ("continue-a-failure", "provider.{}.rough-continue", hand_written(route, _no_interim(100))),
        ("first-piece-for-all", "provider.{}.rough-pieces", hand_written(route, _first_piece)),
        ("pieces-stripped", "provider.{}.rough-pieces", hand_written(route, _pieces_stripped)),
        ("media-type-case-counts", "provider.{}.rough-media-type", _spelt(route, str.islower)),
        ("media-type-to-the-letter", "provider.{}.rough-media-type", _spelt(route, _KNOWN_TYPES.__contains__)),
        ("stale-connection-a-500", "provider.{}.rough-idle", hand_written(route, trusts_s=math.inf)),
        ("compressed-errors-502", "failures.{}.rough-error", _telling_of_it(route, error, refused)),
        ("errors-after-interim-502", "failures.{}.rough-error", _interim_then_error(route)),
        ("cut-compressed-served", "failures.{}.cut-compressed", _as_far_as_it_goes(route)),
        ("redirect-handed-on", "failures.{}.redirect", misreports(_redirects, _handed_on, on(route))),
        ("location-handed-on", "failures.{}.redirect", misreports(_redirects, _location_kept, on(route))),
        ("redirect-swallowed", "failures.{}.redirect", misreports(_redirects, _made_up(route), on(route))),
        ("redirect-followed-anywhere", "failures.{}.redirect", _followed_anywhere(route)),
    ]  # fmt: skip


MUTANTS = (
    *(Mutant(f"{route}-{name}", kills.format(route), fault, _BUGS.get(name, "")) for route in ROUTES for name, kills, fault in _gateways(route)),
    *(Mutant(f"azure-{route}-redirect-followed-without-bearer", f"azure.{route}.redirect", _followed_anywhere(route, "authorization")) for route in ROUTES),
    *(Mutant(f"{route}-each-piece-decoded", f"provider.{route}.rough-pieces", hand_written(route, _each_piece_decoded)) for route in TRANSCRIPTS),
)  # fmt: skip

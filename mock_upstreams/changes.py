"""Changes a response as a script's act says: pure functions, one a field of the act."""

from __future__ import annotations

import zlib
from collections.abc import Callable

from msgspec.structs import replace

from mock_upstreams.acts import Act, ContentCoding, HeaderCase, MediaTypeSpelling, Redirect
from mock_upstreams.faces.refusals import server_error
from mock_upstreams.requests import REDIRECTED, ReceivedRequest
from mock_upstreams.responses import Response

_BODILESS = (204, 304)
_FILLER = b"This is no audio, and no document of any kind. "


def substitute(act: Act, request: ReceivedRequest) -> Response | None:
    """Returns the response that replaces the unscripted one, `None` where the unscripted one is to be made.

    A status of failure without a body gets the provider's usual error body: no provider fails with audio.
    """
    if act.redirect is not None and not request.redirected:
        return Response(act.redirect.status, (("location", _location(act.redirect, request)),), ())
    if act.body is not None:
        media_type, body = act.body.content()
        return Response.of(media_type, body)
    if act.status is not None and act.status >= 400:
        return server_error(act.status)
    return None


def _location(redirect: Redirect, request: ReceivedRequest) -> str:
    if redirect.location is not None:
        return redirect.location
    query = f"?{request.query_string}" if request.query_string else ""
    return f"{redirect.origin or ''}{REDIRECTED}{request.path}{query}"


def changed(act: Act, response: Response) -> Response:
    """Returns the response changed as `act` says."""
    for step in _STEPS:
        response = step(act, response)
    return response


def _status(act: Act, response: Response) -> Response:
    if act.status is None:
        return response
    response = replace(response, status=act.status)
    return response.with_body(b"") if act.status in _BODILESS else response


def _headers(act: Act, response: Response) -> Response:
    for name, value in (act.headers or {}).items():
        response = response.with_header(name, value)
    return response


def _content_type(act: Act, response: Response) -> Response:
    return response.with_header("content-type", act.content_type) if act.content_type else response


def _media_type(act: Act, response: Response) -> Response:
    if act.media_type is None or not response.content_type:
        return response
    return response.with_header("content-type", spelled(response.content_type, act.media_type))


def spelled(content_type: str, spelling: MediaTypeSpelling) -> str:
    """Returns a Content-Type in another spelling, which means the same."""
    media_type = content_type.partition(";")[0].strip()
    if spelling == "quoted_charset" and not media_type.startswith("audio/"):
        return f'{media_type};charset="UTF-8"'
    return _SPELLINGS[spelling](content_type, media_type)


_SPELLINGS: dict[MediaTypeSpelling, Callable[[str, str], str]] = {
    "title_case": lambda whole, media_type: media_type.title() + whole[len(media_type) :],
    "upper_case": lambda whole, media_type: media_type.upper() + whole[len(media_type) :],
    "quoted_charset": lambda _, media_type: f'{media_type};version="1"',  # sound has no charset
    "parameter": lambda whole, _: f"{whole}; version=1",
    "spaces": lambda whole, media_type: f"{media_type} ;\tversion=1{whole[len(media_type) :]}",
}


def _malform(act: Act, response: Response) -> Response:
    return response.with_body(_malformed(response.body, response.content_type.lower())) if act.malform else response


def _malformed(body: bytes, content_type: str) -> bytes:
    """Returns a body that is not what its type says: JSON and events cut off, text no UTF-8, audio no audio."""
    media_type = content_type.partition(";")[0].strip()
    if media_type.endswith("json"):
        return b"{" + body[: len(body) * 2 // 3].lstrip(b"{")
    if media_type == "text/event-stream":
        return body[: len(body) * 2 // 3]
    if media_type.startswith("text/"):
        middle = len(body) // 2
        return body[:middle] + b"\xff\xfe" + body[middle:]
    if media_type in {"audio/pcm", "audio/l16"}:
        return body[: (len(body) - 1) // 2 * 2 + 1]  # any even number of bytes would be sound
    return (_FILLER * (len(body) // len(_FILLER) + 1))[: len(body)]


_STEPS: tuple[Callable[[Act, Response], Response], ...] = (_status, _headers, _content_type, _malform, _media_type)


def content_coding(act: Act, accept_encoding: str | None) -> ContentCoding | None:
    """Returns the coding that the act wants and the request allows, `None` for none."""
    if act.compress is None or accept_encoding is None:
        return None
    allowed = {}
    for item in accept_encoding.lower().split(","):
        coding, _, weight = item.partition(";")
        allowed[coding.strip()] = weight.replace(" ", "").rstrip("0.") != "q="
    return act.compress if allowed.get(act.compress, allowed.get("*", False)) else None


def coded(response: Response, coding: ContentCoding | None) -> Response:
    """Returns the response with its body in a content coding."""
    if coding is None:
        return response
    compressor = zlib.compressobj(wbits=_WINDOW_BITS[coding])
    body = compressor.compress(response.body) + compressor.flush()
    return response.with_body(body).with_header("content-encoding", coding).with_header("vary", "Accept-Encoding")


_WINDOW_BITS: dict[ContentCoding, int] = {"gzip": 31, "deflate": 15}  # zlib's: 16 more asks for a gzip header


def with_header_case(response: Response, case: HeaderCase | None) -> Response:
    """Returns the response with the names of its headers in other letters."""
    if case is None:
        return response
    return replace(response, headers=tuple((_CASES[case](name), value) for name, value in response.headers))


def _mixed(name: str) -> str:
    return "".join(letter.upper() if number % 2 else letter.lower() for number, letter in enumerate(name))


_CASES: dict[HeaderCase, Callable[[str], str]] = {
    "lower": str.lower,
    "title": str.title,
    "upper": str.upper,
    "mixed": _mixed,
}

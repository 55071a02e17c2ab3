"""Acts: what a script makes the mock do instead of responding unscripted. Values, as the control API takes them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, Meta, UnsetType

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*\Z")
_FRAMING = {"content-length": "truncate or framing", "transfer-encoding": "framing"}

NonEmpty = Annotated[str, Meta(min_length=1)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]
ContentCoding = Literal["gzip", "deflate"]
Framing = Literal["length", "padded_length", "chunked", "close"]
HeaderCase = Literal["lower", "title", "upper", "mixed"]
MediaTypeSpelling = Literal["title_case", "upper_case", "quoted_charset", "parameter", "spaces"]


class SubstituteBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A body in place of the unscripted one: exactly one of three ways to write it."""

    json: Any | UnsetType = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET

    def __post_init__(self) -> None:
        given = [value for value in (self.json, self.text, self.base64) if value is not UNSET]
        if len(given) != 1:
            message = "give exactly one of json, text and base64"
            raise ValueError(message)
        if isinstance(self.base64, str):
            _decoded(self.base64)

    def content(self) -> tuple[str, bytes]:
        """Returns the media type that goes with the body, and its bytes."""
        if isinstance(self.text, str):
            return "text/plain; charset=utf-8", self.text.encode()
        if isinstance(self.base64, str):
            return "application/octet-stream", _decoded(self.base64)
        return "application/json", msgspec.json.encode(self.json)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        message = f"base64 does not decode: {error}"
        raise ValueError(message) from error


class Truncate(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A short body: how much of it is sent (bytes, or a fraction written with a point), and which length is announced."""

    keep: Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0, le=1)] = 0.5
    length: Literal["declared", "actual"] = "declared"


class Drip(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A slow body: pieces of `chunk` bytes, `interval_s` seconds apart."""

    chunk: Annotated[int, Meta(ge=1)]
    interval_s: Seconds


class HoldBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A body that stops on its way: after so many pieces (events of a stream, or those of `drip`) it waits at a gate.

    With `again` it waits there once more whenever so many have gone.
    """

    gate: NonEmpty
    after: Annotated[int, Meta(ge=1)] = 1
    again: bool = False

    def holds(self, sent: int) -> bool:
        """Whether it waits when so many pieces have gone."""
        return sent == self.after or (self.again and sent > 0 and sent % self.after == 0)


class Interim(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """An interim response (1xx) that is sent before the final one; an HTTP/1.0 client is sent none."""

    status: Literal[100, 102, 103]
    headers: dict[str, str] = {}

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            _check_header(name, value)


class Redirect(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """A redirect: to the same path under `/redirected` of this mock, where the request is then served unscripted.

    `origin` puts another origin before that path; `location` replaces it all, and may be relative.
    """

    status: Literal[301, 302, 303, 307, 308] = 307
    origin: NonEmpty | None = None
    location: NonEmpty | None = None

    def __post_init__(self) -> None:
        if self.origin is not None and self.location is not None:
            raise ValueError("give origin or location, not both")
        if self.origin is not None:
            _check_origin(self.origin)
        _check_header("location", self.location or self.origin or "/")


def _check_origin(origin: str) -> None:
    try:
        parts = urlsplit(origin)
    except ValueError as error:
        raise ValueError(f"{origin!r} is no origin: {error}") from error
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query or parts.fragment:
        raise ValueError(f"{origin!r} is no origin, such as http://127.0.0.1:9101")


class Act(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """What the mock does instead of responding unscripted: any combination of these fields, at least one.

    In the order in which they happen:

    - `hold`: waits at the gate of this name; `delay_s`: waits so many seconds.
    - `interim`: sends these 1xx responses first.
    - `reset`: resets the connection before the headers, before the body or in its middle.
    - `status`, `headers`, `body`: replace those of the response; a header that is `null` is left out. A status from 400
      on without a body gets the provider's error body.
    - `redirect`: redirects, unless the request has followed a redirect already.
    - `content_type`: replaces the Content-Type; `media_type`: writes the one that there is in another legal spelling.
    - `malform`: breaks the body in the format that its Content-Type names, under a correct length.
    - `compress`: encodes the body, if the request's Accept-Encoding allows it; the journal says so where it does not.
    - `framing`: a Content-Length (`padded_length`: with leading zeros), chunks, or neither and the connection closed
      at the end. `chunked: true` is short for `framing: chunked`.
    - `truncate`: sends a part of the body only; `drip`: sends it in pieces, which may cut through characters.
    - `hold_body`: sends some pieces and waits at a gate before the next, once or each time that so many have gone.
    - `header_case`: writes the names of all headers in these letters; without it, names stay as the script has them.
    - `close_idle_s`: closes the connection so long after the response, without having announced it.
    """

    hold: NonEmpty | None = None
    delay_s: Seconds | None = None
    interim: list[Interim] | None = None
    reset: Literal["before_headers", "before_body", "mid_body"] | None = None
    status: Annotated[int, Meta(ge=200, le=599)] | None = None
    headers: dict[str, str | None] | None = None
    content_type: NonEmpty | None = None
    body: SubstituteBody | None = None
    redirect: Redirect | None = None
    media_type: MediaTypeSpelling | None = None
    malform: bool = False
    compress: ContentCoding | None = None
    framing: Framing | None = None
    chunked: bool = False
    truncate: Truncate | None = None
    drip: Drip | None = None
    hold_body: HoldBody | None = None
    header_case: HeaderCase | None = None
    close_idle_s: Seconds | None = None

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates at which its calls are held."""
        return tuple(name for name in (self.hold, self.hold_body and self.hold_body.gate) if name)

    def __post_init__(self) -> None:
        for name, value in (self.headers or {}).items():
            _check_header(name, value)
        if self.content_type is not None:
            _check_header("content-type", self.content_type)
        _check_not_empty(self)
        _check_combination(self)


class _NoAct(Act, frozen=True):
    """The act of a call that no script is for."""

    def __post_init__(self) -> None:
        """Nothing is to be checked."""


NO_ACT: Act = _NoAct()


def _check_not_empty(act: Act) -> None:
    given = (getattr(act, name) for name in act.__struct_fields__)
    if all(value is None or value is False or value in ({}, []) for value in given):
        raise ValueError("the act does nothing: give at least one of its fields")


_EXCLUDES = {
    "redirect": ("status", "body"),
    "content_type": ("media_type",),
    "framing": ("chunked",),
    "close_idle_s": ("reset",),
}


def _check_combination(act: Act) -> None:
    for name, others in _EXCLUDES.items():
        for other in others:
            if getattr(act, name) not in (None, False) and getattr(act, other) not in (None, False):
                raise ValueError(f"give {name} or {other}, not both")
    if act.close_idle_s is not None and act.framing == "close":
        raise ValueError("give close_idle_s or framing: close, not both: the connection is closed already")


def _check_header(name: str, value: str | None) -> None:
    if name.lower() in _FRAMING:
        message = f"{name} is not for scripts to set: use {_FRAMING[name.lower()]}"
        raise ValueError(message)
    if not _HEADER_NAME.match(name) or not _HEADER_VALUE.match(value or ""):
        message = f"{name!r}: {value!r} is no HTTP header"
        raise ValueError(message)

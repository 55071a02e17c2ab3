"""Applies a script's act to a response, and plans how the result is sent: pure functions and values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from mock_upstreams.faces.refusals import server_error
from mock_upstreams.responses import Response
from mock_upstreams.scripts import Act, Truncate

_BODILESS = (204, 304)


def substitute(act: Act) -> Response | None:
    """Returns the response that replaces the unscripted one, `None` where the unscripted one is to be made.

    A status of failure without a body gets the provider's usual error body: no provider fails with audio.
    """
    if act.body is not None:
        media_type, body = act.body.content()
        return Response.of(media_type, body)
    if act.status is not None and act.status >= 400:
        return server_error(act.status)
    return None


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


def _malform(act: Act, response: Response) -> Response:
    body = response.body
    return response.with_body(body[: len(body) * 2 // 3]) if act.malform else response


def _chunked(act: Act, response: Response) -> Response:
    return replace(response, chunked=response.chunked or act.chunked)


_STEPS: tuple[Callable[[Act, Response], Response], ...] = (_status, _headers, _content_type, _malform, _chunked)


@dataclass(frozen=True, slots=True)
class Transmission:
    """How a body goes out: its pieces and the pause between them, the length announced (`None`: chunked), its end."""

    pieces: tuple[bytes, ...]
    pause_s: float
    length: int | None
    ending: Literal["end", "cut", "reset"] = "end"


def transmission(act: Act, response: Response) -> Transmission:
    """Returns how `response` is to be sent."""
    whole = response.body
    plan = Transmission(response.pieces, 0.0, None if response.chunked else len(whole))
    if act.truncate is not None:
        plan = _truncated(plan, act.truncate, whole)
    if act.reset in _KEPT_BEFORE_RESET:
        kept = b"".join(plan.pieces)[: int(len(whole) * _KEPT_BEFORE_RESET[act.reset])]
        plan = replace(plan, pieces=(kept,) if kept else (), ending="reset")
    if act.drip is not None:
        body, chunk = b"".join(plan.pieces), act.drip.chunk
        pieces = tuple(body[start : start + chunk] for start in range(0, len(body), chunk))
        plan = replace(plan, pieces=pieces, pause_s=act.drip.interval_s)
    return plan


_KEPT_BEFORE_RESET = {"before_body": 0.0, "mid_body": 0.5}


def _truncated(plan: Transmission, truncate: Truncate, whole: bytes) -> Transmission:
    keep = truncate.keep if isinstance(truncate.keep, int) else int(len(whole) * truncate.keep)
    kept = whole[:keep]
    pieces = (kept,) if kept else ()
    if truncate.length == "declared" and len(kept) < len(whole):
        return replace(plan, pieces=pieces, ending="cut")
    return replace(plan, pieces=pieces, length=None if plan.length is None else len(kept))

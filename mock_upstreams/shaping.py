"""What scripts do to an answer before it is sent, as pure functions, and how it is then to be sent, as a value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from mock_upstreams.answers import Answer
from mock_upstreams.faces.refusals import server_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from mock_upstreams.scripts import Act, Truncate

__all__ = ["Sending", "sending", "shape", "standing_in"]

_BODILESS = (204, 304)


def standing_in(act: Act) -> Answer | None:
    """Return the answer that takes the ordinary one's place, ``None`` where the ordinary one is to be made.

    A status of failure without a body gets the provider's usual error body: no provider fails with audio.
    """
    if act.body is not None:
        media_type, body = act.body.content()
        return Answer.of(media_type, body)
    if act.status is not None and act.status >= 400:
        return server_error(act.status)
    return None


def shape(act: Act, answer: Answer) -> Answer:
    """Return the answer as ``act`` wants it."""
    for step in _STEPS:
        answer = step(act, answer)
    return answer


def _status(act: Act, answer: Answer) -> Answer:
    if act.status is None:
        return answer
    changed = replace(answer, status=act.status)
    return changed.with_body(b"") if act.status in _BODILESS else changed


def _headers(act: Act, answer: Answer) -> Answer:
    for name, value in (act.headers or {}).items():
        answer = answer.with_header(name, value)
    return answer


def _content_type(act: Act, answer: Answer) -> Answer:
    return answer.with_header("content-type", act.content_type) if act.content_type else answer


def _malform(act: Act, answer: Answer) -> Answer:
    body = answer.body
    return answer.with_body(body[: len(body) * 2 // 3]) if act.malform else answer


def _chunked(act: Act, answer: Answer) -> Answer:
    return replace(answer, chunked=answer.chunked or act.chunked)


_STEPS: tuple[Callable[[Act, Answer], Answer], ...] = (_status, _headers, _content_type, _malform, _chunked)


@dataclass(frozen=True, slots=True)
class Sending:
    """How a body goes out: its pieces and the pause between them, the length announced (``None``: chunked), its end."""

    pieces: tuple[bytes, ...]
    pause_s: float
    length: int | None
    ending: Literal["end", "cut", "reset"] = "end"


def sending(act: Act, answer: Answer) -> Sending:
    """Return how ``answer`` is to be sent."""
    whole = answer.body
    plan = Sending(answer.pieces, 0.0, None if answer.chunked else len(whole))
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


def _truncated(plan: Sending, truncate: Truncate, whole: bytes) -> Sending:
    keep = truncate.keep if isinstance(truncate.keep, int) else int(len(whole) * truncate.keep)
    kept = whole[:keep]
    pieces = (kept,) if kept else ()
    if truncate.length == "declared" and len(kept) < len(whole):
        return replace(plan, pieces=pieces, ending="cut")
    return replace(plan, pieces=pieces, length=None if plan.length is None else len(kept))

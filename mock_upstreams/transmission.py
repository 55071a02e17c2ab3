"""Plans how a response is sent: its framing, its pieces, the pauses between them, its end. Pure functions and values."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mock_upstreams.acts import NO_ACT, Act, Framing, Truncate
from mock_upstreams.responses import Response


class Transmission(Struct, frozen=True):
    """How a body goes out: its framing, the length announced (where one is), its pieces and the pause between them."""

    pieces: tuple[bytes, ...]
    framing: Framing
    length: int
    pause_s: float = 0.0
    ending: Literal["end", "cut", "reset"] = "end"


def transmission(act: Act, response: Response) -> Transmission:
    """Returns how `response` is to be sent."""
    whole = response.body
    plan = Transmission(response.pieces, _framing(act, response), len(whole))
    if act is NO_ACT:
        return plan
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


def _framing(act: Act, response: Response) -> Framing:
    if act.framing is not None:
        return act.framing
    return "chunked" if response.chunked or act.chunked else "length"


def _truncated(plan: Transmission, truncate: Truncate, whole: bytes) -> Transmission:
    keep = truncate.keep if isinstance(truncate.keep, int) else int(len(whole) * truncate.keep)
    kept = whole[:keep]
    plan = replace(plan, pieces=(kept,) if kept else ())
    if truncate.length == "declared" and len(kept) < len(whole):
        return replace(plan, ending="cut")
    return replace(plan, length=len(kept))

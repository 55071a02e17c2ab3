"""Provider failures at the client's end: an honest error, or a transfer that visibly breaks, and never a whole success."""

from __future__ import annotations

from conformance.http.exchange import Ending, Finding, WireAnswer, WireExchange


def failed(told: WireExchange, *, because: str) -> Finding | None:
    """500, or a success that had begun and was visibly broken off (rulings: Statuses, provider fails)."""
    wire = told.wire
    if wire is not None and wire.ending is not Ending.SILENT and (wire.status == 500 or _broken_off(wire)):
        return None
    return _finding(told, because, "status 500 (or a transfer already begun is visibly broken off)")


def refused(told: WireExchange, *allowed: int, because: str) -> Finding | None:
    """One of the statuses that the ruling names for what the provider refuses."""
    wire = told.wire
    if wire is not None and wire.ending is not Ending.SILENT and wire.status in allowed:
        return None
    return _finding(told, because, f"status {' or '.join(map(str, allowed))}")


def in_time(told: WireExchange, seconds: float, *, because: str) -> Finding | None:
    """The answer, of whatever kind, came and ended within so many seconds."""
    silent = told.wire is None and told.exchange.timed_out
    if not silent and told.exchange.elapsed_s <= seconds and not (told.wire and told.wire.ending is Ending.SILENT):
        return None
    got = f"{told.exchange.got} after {told.exchange.elapsed_s:.1f} s"
    return Finding(f"{because}: not answered for in time", f"an end within {seconds:g} s", got, (told.exchange,))


def _broken_off(wire: WireAnswer) -> bool:
    return 200 <= wire.status < 300 and wire.ending in {Ending.CLOSED, Ending.RESET}


def _finding(told: WireExchange, because: str, expected: str) -> Finding:
    wire = told.wire
    ending = "" if wire is None else f" (whole: {'yes' if wire.ending is Ending.COMPLETE else 'no'})"
    return Finding(f"{because}: not told as it is", expected, f"{told.exchange.got}{ending}", (told.exchange,))

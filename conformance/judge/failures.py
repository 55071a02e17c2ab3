"""Provider failures at the client's end: an honest error, or a transfer that visibly breaks, and never a whole success."""

from __future__ import annotations

from conformance.contracts import Statuses
from conformance.http.exchange import Ending, Finding, WireExchange


def failed(result: WireExchange, allowed: Statuses, *, because: str) -> Finding | None:
    """One of the allowed statuses, or a success that had begun and was visibly broken off (rulings: Statuses)."""
    if _ended_with(result, allowed) or (result.wire is not None and result.wire.broken_off):
        return None
    return _finding(result, because, f"{allowed} (or a transfer already begun is visibly broken off)")


def refused(result: WireExchange, allowed: Statuses, *, because: str) -> Finding | None:
    """One of the statuses that the contract names for what the provider refuses (rulings: Statuses)."""
    return None if _ended_with(result, allowed) else _finding(result, because, str(allowed))


def in_time(result: WireExchange, seconds: float, *, because: str) -> Finding | None:
    """A response of whatever kind came and ended within so many seconds."""
    exchange, wire = result.exchange, result.wire
    silent = wire.ending is Ending.SILENT if wire else exchange.timed_out
    if not silent and exchange.elapsed_s <= seconds:
        return None
    got = f"{exchange.got} after {exchange.elapsed_s:.1f} s"
    return Finding(f"{because}: no whole response in time", f"an end within {seconds:g} s", got, (exchange,))


def _ended_with(result: WireExchange, allowed: Statuses) -> bool:
    wire = result.wire
    return wire is not None and wire.ending is not Ending.SILENT and wire.status in allowed


def _finding(result: WireExchange, because: str, expected: str) -> Finding:
    wire = result.wire
    ending = "" if wire is None else f" (whole: {'yes' if wire.ending is Ending.COMPLETE else 'no'})"
    message = f"{because}: wrong status, or a success that hides the failure"
    return Finding(message, expected, f"{result.exchange.got}{ending}", (result.exchange,))

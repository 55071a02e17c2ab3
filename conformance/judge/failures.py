"""Provider failures at the client's end: an honest error, or a transfer that visibly breaks, and never a whole success."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.contracts import Statuses, TranscriptShape
from conformance.http.exchange import Ending, Exchange, Finding, WireExchange
from conformance.judge.client.speech import same_bytes
from conformance.judge.client.transcripts import text_is_providers
from conformance.mock.calls import RecordedCall


def failed(result: WireExchange, allowed: Statuses, *, because: str) -> Finding | None:
    """One of the allowed statuses, or a success that had begun and was visibly broken off (rulings: Statuses)."""
    if (
        _ended_with(result, allowed)
        or _dropped(result, allowed)
        or (result.wire is not None and result.wire.broken_off)
    ):
        return None
    return _finding(result, because, f"{allowed} (or a transfer already begun is visibly broken off)")


def refused(result: WireExchange, allowed: Statuses, *, because: str) -> Finding | None:
    """One of the statuses that the contract names for what the provider refuses (rulings: Statuses)."""
    return None if _ended_with(result, allowed) else _finding(result, because, str(allowed))


def not_relayed(exchange: Exchange, *, because: str) -> Finding | None:
    """Neither a status of redirection nor a Location reached the client (rulings: Statuses, provider answers 3xx)."""
    answer = exchange.answer
    if answer is None or (answer.status // 100 != 3 and answer.header("location") is None):
        return None
    location = answer.header("location")
    got = f"{answer.status}, {'no Location' if location is None else f'Location: {location}'}"
    return Finding(f"{because}: the redirect was handed on", "no 3xx and no Location", got, (exchange,))


def leads_to(
    exchange: Exchange, calls: Sequence[RecordedCall], shape: TranscriptShape | None, *, because: str
) -> Finding | None:
    """A success is the whole answer that stands behind the redirect; `shape` is None where that is audio."""
    behind = [call for call in calls if call.response and call.response.is_success]
    if not behind:
        expected = "an error, or the answer behind the redirect"
        return Finding(f"{because}: a success that no provider gave", expected, exchange.got, (exchange,), tuple(calls))
    if shape is None:
        return same_bytes(exchange, behind)
    return text_is_providers(exchange, behind[-1], shape, because=because)


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


def _dropped(result: WireExchange, allowed: Statuses) -> bool:
    """Whether the connection ended without an answer where that is allowed: silence and a refused connection are not."""
    return allowed.dropped and result.wire is None and not result.exchange.timed_out and not result.exchange.refused


def _finding(result: WireExchange, because: str, expected: str) -> Finding:
    exchange = result.exchange
    wrong = "it is answered as if the provider had not failed" if exchange.is_success else "wrong status"
    return Finding(f"{because}: {wrong}", expected, f"{exchange.got}{_ending(result)}", (exchange,))


def _ending(result: WireExchange) -> str:
    """How the answer ended, where there is one, in words."""
    if result.wire is None:
        return ""
    if result.wire.ending is Ending.COMPLETE:
        return " (the whole answer came)"
    return f" (the answer did not come whole: the connection was {result.wire.ending})"

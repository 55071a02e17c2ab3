"""Shutting down: what new requests are told, and what becomes of the one in flight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.http.exchange import Exchange, Finding

# Several workers do not hear of the end in the same moment.
GRACE_S = 0.2


@dataclass(frozen=True, slots=True)
class Probe:
    """A new request that went out ``at_s`` seconds after the gateway was told to stop."""

    at_s: float
    exchange: Exchange

    @property
    def shows_draining(self) -> bool:
        """503, or a connection refused or reset: a gateway may stop like that, too. One that is slow shows nothing."""
        return self.exchange.status == 503 or (self.exchange.answer is None and not self.exchange.timed_out)

    @property
    def answered_otherwise(self) -> bool:
        return self.exchange.status not in {None, 503}


def draining_since(probes: Sequence[Probe]) -> float | None:
    """When the first probe met a gateway that drains; None where none did."""
    return min((probe.at_s for probe in probes if probe.shows_draining), default=None)


def drains(probes: Sequence[Probe], within_s: float) -> Finding | None:
    """Once the gateway has begun to drain, and a moment after, every answer to a new request is 503."""
    expected = "503, or a refused connection"
    since = draining_since(probes)
    if since is None:
        message = f"told to stop, the gateway went on serving new requests for {within_s:g} s"
        last = next((probe.exchange for probe in reversed(probes) if probe.answered_otherwise), None)
        return Finding(message, expected, last.got, (last,)) if last else None
    late = [probe for probe in probes if probe.at_s > since + GRACE_S and probe.answered_otherwise]
    if not late:
        return None
    message = f"a new request {late[0].at_s - since:.2f} s after draining began is answered otherwise"
    return Finding(message, expected, late[0].exchange.got, (late[0].exchange,))


def finished(held: Exchange) -> Finding | None:
    """The request that was in flight has its ordinary answer."""
    if held.status == 200:
        return None
    message = "the request that was in flight when the gateway was told to stop was not finished"
    return Finding(message, "its ordinary answer, status 200", held.got, (held,))

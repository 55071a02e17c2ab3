"""Shutting down: what new requests are told, and what becomes of the one in flight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.exchange import Exchange, Finding

# Several workers do not hear of the end in the same moment.
GRACE_S = 0.2


@dataclass(frozen=True, slots=True)
class Probe:
    """A new request that went out ``at_s`` seconds after the gateway was told to stop."""

    at_s: float
    exchange: Exchange

    @property
    def shows_draining(self) -> bool:
        """503, or no answer at all: refused and reset connections are how a gateway may stop, too."""
        return self.exchange.status in {None, 503}


def draining_since(probes: Sequence[Probe]) -> float | None:
    """When the first probe met a gateway that drains; None where none did."""
    return min((probe.at_s for probe in probes if probe.shows_draining), default=None)


def drains(probes: Sequence[Probe], within_s: float) -> Finding | None:
    """Once the gateway has begun to drain, and a moment after, every answer to a new request is 503."""
    expected = "503, or a refused connection"
    since = draining_since(probes)
    if since is None:
        last = tuple(probe.exchange for probe in probes[-1:])
        message = f"told to stop, the gateway went on serving new requests for {within_s:g} s"
        return Finding(message, expected, last[0].got if last else "nothing was asked", last)
    late = [probe for probe in probes if probe.at_s > since + GRACE_S and not probe.shows_draining]
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

"""Shutting down: how new requests are answered, and what becomes of the one in flight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange, Finding

# Several workers do not get the signal in the same moment.
GRACE_S = 0.2


@dataclass(frozen=True, slots=True)
class Probe:
    """A new request that went out `at_s` seconds after the gateway was signalled to stop.

    `shutting_down` is what the contract answers then.
    """

    at_s: float
    exchange: Exchange
    shutting_down: Statuses

    @property
    def shows_draining(self) -> bool:
        """Whether it was refused as the contract says, or by a connection refused or reset. A slow one shows nothing."""
        if self.exchange.answer is None:
            return not self.exchange.timed_out
        return self.exchange.status in self.shutting_down

    @property
    def answered_otherwise(self) -> bool:
        """Whether it has an answer that is none of a gateway which drains."""
        return self.exchange.answer is not None and self.exchange.status not in self.shutting_down


def draining_since(probes: Sequence[Probe]) -> float | None:
    """When the first probe met a gateway that drains, in seconds after the signal; None where none did."""
    return min((probe.at_s for probe in probes if probe.shows_draining), default=None)


def drains(probes: Sequence[Probe], within_s: float, before: Sequence[Statuses]) -> Finding | None:
    """From a moment after draining began, every answer to a new request is the contract's (rulings: shutting down).

    Until then a request is answered as ever: what is neither in `before` nor that of a gateway which drains is wrong
    whenever that began.
    """
    since = draining_since(probes)
    if since is None:
        return _never_drained(probes, within_s)
    for probe in probes:
        if probe.answered_otherwise and not any(probe.exchange.status in each for each in before):
            message = "signalled to stop, the gateway answers a new request neither as before nor as one that drains"
            return _finding(message, probe)
    late = [probe for probe in probes if probe.at_s > since + GRACE_S and probe.answered_otherwise]
    if not late:
        return None
    message = f"a new request {late[0].at_s - since:.2f} s after draining began is answered otherwise"
    return _finding(message, late[0])


def finished(held: Exchange, served: Statuses) -> Finding | None:
    """The request that was in flight has its ordinary answer."""
    if held.status in served:
        return None
    message = "the request that was in flight when the gateway was signalled to stop was not finished"
    return Finding(message, f"its ordinary answer, {served}", held.got, (held,))


def _never_drained(probes: Sequence[Probe], within_s: float) -> Finding | None:
    last = next((probe for probe in reversed(probes) if probe.answered_otherwise), None)
    message = f"signalled to stop, the gateway went on serving new requests for {within_s:g} s"
    return _finding(message, last) if last else None


def _finding(message: str, probe: Probe) -> Finding:
    exchange = probe.exchange
    return Finding(message, f"{probe.shutting_down}, or a refused connection", exchange.got, (exchange,))

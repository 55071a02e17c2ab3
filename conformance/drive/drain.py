"""Stops the gateway while requests are held at its provider, watches new requests, and starts the gateway again.

The gateway is judged as it is found, when it has served for a while, or warmed up where it was started a moment ago.
Whatever happens in between, it is started again and waited for. Nothing here but the warming up goes through the suite's
pooled client: which connection a request takes is the point.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from conformance.drive.calls import marked_request
from conformance.drive.case import Case
from conformance.drive.release import Release
from conformance.drive.requests import OMIT, OPERATIONS_AND_ENCODINGS, valid_request, with_model
from conformance.drive.restart import ask_new, ask_once, lifecycle_of, probe_timeout_s, started_again
from conformance.drive.warmth import warm_up
from conformance.errors import Blocked
from conformance.http.exchange import Exchange
from conformance.http.kept import KeptConnection
from conformance.judge.lifecycle import GRACE_S, Probe
from conformance.mock.control import Gate

_PAUSE_S = 0.05
_IN_FLIGHT_WITHIN_S = 5.0
# Of the longest time that a request may be held: when it is let go although nothing has shown that the gateway drains.
_LAST_SHARE = 0.8
# How late a signal may reach every worker of a busy gateway.
_LATE_SIGNAL_S = 2.0


@dataclass(frozen=True, slots=True)
class Held:
    """A request that was in flight when the gateway was stopped, and the case that it belongs to.

    `held_s` is how long after the signal it was held: until it was let go, or until the gateway gave it up.
    """

    case: Case
    exchange: Exchange
    held_s: float


@dataclass(frozen=True, slots=True)
class Drain:
    """The exchanges of a drain: new requests on fresh connections, on connections kept from before, and those in flight.

    `held` has the requests in flight by operation, without those that did not get to the provider. `watched_s` is how long
    the gateway was given to begin. `before` is a new request beside those held, just before the signal.
    """

    before: Exchange
    fresh: tuple[Probe, ...]
    kept: tuple[Probe, ...]
    held: Mapping[str, Held]
    watched_s: float

    @property
    def crowded(self) -> bool:
        """Whether those held were as many as the gateway lets in: what it then says to new ones is no sign of draining."""
        return self.before.over_limit


class FirstDrain:
    """The drain of the gateway as the run found it, made by the first check that asks and shared by all that follow.

    Where it has room for too few requests at a time, each operation is held by itself in another.
    """

    def __init__(self) -> None:
        self._drains: dict[tuple[str, ...], Drain] = {}
        self._blocked: Blocked | None = None

    def of(self, case: Case, route: str) -> Drain:
        """A drain with this operation in flight. Raises Blocked as `drain` did, and where there is no room even for that."""
        if self._blocked:
            raise self._blocked
        together = self._drain(case, tuple(case.contract.operations))
        if route in together.held and not together.crowded:
            return together
        alone = self._drain(case, (route,))
        if alone.crowded:
            raise Blocked("the gateway refuses a second request at a time", alone.before)
        return alone

    def _drain(self, case: Case, routes: tuple[str, ...]) -> Drain:
        if routes not in self._drains:
            try:
                self._drains[routes] = drain(case, routes, watch_s=longest_watch_s(case))
            except Blocked as blocked:
                self._blocked = blocked
                raise
        return self._drains[routes]


def longest_hold_s(case: Case) -> float:
    """How many seconds a request may be held: well within the gateway's time-out for its provider, and its drain time."""
    return min(0.4 * lifecycle_of(case).drain_s, (case.target.timeout_s or 30.0) / 4)


def longest_watch_s(case: Case) -> float:
    """How many seconds the gateway is given to begin to drain: a signal may reach the workers of a busy one late."""
    return max(longest_hold_s(case), _LATE_SIGNAL_S)


def text_of(case: Case) -> str:
    """The text of a transcript that is held."""
    return f"What {case.marker} said."


def drain(case: Case, routes: Sequence[str], *, watch_s: float) -> Drain:
    """Hold a request of each operation, stop the gateway, send new requests, release the held ones, start it again.

    Raises Blocked where no request gets to the provider, a command fails, or the gateway does not come back.
    """
    # A gateway that is gone already is not stopped and started: what follows would not show what that did.
    case.gateway.wait_for_limits()
    warm_up(case)
    members = {route: case.example() for route in routes}
    gate = f"drain-{case.marker}"
    with (
        started_again(case) as stop,
        case.provider.gate(gate) as held,
        ExitStack() as scripts,
        ThreadPoolExecutor(len(routes)) as pool,
        ExitStack() as connections,
    ):
        for route, member in members.items():
            scripts.enter_context(
                case.provider.scripted({"marker": member.marker}, {"hold": gate, **_act(member, route)})
            )
        idle = [connections.enter_context(_idle_connection(case)) for _ in OPERATIONS_AND_ENCODINGS]
        futures = {route: pool.submit(_ask_held, member, route) for route, member in members.items()}
        try:
            there = _in_flight(members, futures, held)
            before = ask_new(case)
            started = time.monotonic()
            release = Release(held, started, _LAST_SHARE * longest_hold_s(case))
            try:
                stop()
                fresh, kept = _watch(case, idle, started, watch_s, release)
            finally:
                release()
        finally:
            held.release()
        finished = {}
        for route in there:
            exchange, ended = futures[route].result()
            finished[route] = Held(members[route], exchange, min(release.held_s, ended - started))
        return Drain(before, fresh, kept, finished, watch_s)


def _act(case: Case, route: str) -> Mapping[str, Any]:
    """What the provider answers, once it is let go: audio as usual, or a text of its own."""
    return {} if case.contract.operations[route].gives_audio else {"body": {"json": {"text": text_of(case)}}}


def _ask_held(case: Case, route: str) -> tuple[Exchange, float]:
    """What came in the end, and when."""
    return ask_once(case, marked_request(case, route), case.gateway.timeout_s), time.monotonic()


def _in_flight(members: Mapping[str, Case], futures: Mapping[str, Future[Any]], gate: Gate) -> list[str]:
    """The operations whose request is held at the provider, once no more are on their way. Raises Blocked for none."""
    deadline = time.monotonic() + _IN_FLIGHT_WITHIN_S
    while gate.wait_for(_unanswered(futures), wait_s=_PAUSE_S) < _unanswered(futures) and time.monotonic() < deadline:
        pass
    there = [
        route
        for route, member in members.items()
        if any(call.state == "held" for call in member.provider.calls(marker=member.marker))
    ]
    if not there:
        raise Blocked("a request that should be held at the provider did not get there")
    return there


def _unanswered(futures: Mapping[str, Future[Any]]) -> int:
    return sum(not future.done() for future in futures.values())


def _watch(
    case: Case, idle: list[KeptConnection], started: float, watch_s: float, release: Release
) -> tuple[tuple[Probe, ...], tuple[Probe, ...]]:
    """New requests until one meets a gateway that drains; a moment later more, on kept connections and for every operation.

    Every operation is asked for twice, a moment apart: which one first shows the draining is not known beforehand.
    """

    def probe(ask: Callable[[], Exchange]) -> Probe:
        release.asks()
        try:
            return _probe(case, started, ask)
        finally:
            release.asks()

    fresh = [probe(lambda: ask_new(case))]
    while not fresh[-1].shows_draining and time.monotonic() < started + watch_s:
        time.sleep(_PAUSE_S)
        fresh.append(probe(lambda: ask_new(case)))
    kept: list[Probe] = []
    for _ in range(2):
        time.sleep(2 * GRACE_S)
        kept = kept or [
            probe(_asking(case, connection, route, form))
            for connection, (route, form) in zip(idle, OPERATIONS_AND_ENCODINGS, strict=True)
        ]
        fresh += [probe(_asking_new(case, route, form)) for route, form in OPERATIONS_AND_ENCODINGS]
    return tuple(fresh), tuple(kept)


def _asking(case: Case, connection: KeptConnection, route: str, form: str) -> Callable[[], Exchange]:
    return lambda: connection.ask(valid_request(case.example(), route, form)).exchange


def _asking_new(case: Case, route: str, form: str) -> Callable[[], Exchange]:
    return lambda: ask_once(case, valid_request(case.example(), route, form), probe_timeout_s(case))


def _probe(case: Case, started: float, ask: Callable[[], Exchange]) -> Probe:
    at_s = time.monotonic() - started
    return Probe(at_s, ask(), case.contract.statuses("shutting-down"))


def _idle_connection(case: Case) -> KeptConnection:
    """A kept connection on which one request has been answered, without a call of the provider."""
    try:
        connection = KeptConnection(case.gateway.endpoint, probe_timeout_s(case), case.gateway.observe)
    except OSError as error:
        raise Blocked(f"no connection can be made ({error})") from error
    connection.ask(with_model(case, "speech", "json", OMIT))
    return connection

"""Stops the gateway while a request is held at its provider, watches new requests, and starts the gateway again.

Whatever happens in between, the gateway is started again and waited for. Nothing here goes through the suite's pooled
client: which connection a request takes is the point.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from conformance.drive.calls import marked_request
from conformance.drive.case import Case
from conformance.drive.requests import OMIT, OPERATIONS_AND_ENCODINGS, valid_request, with_model
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Request
from conformance.http.kept import KeptConnection
from conformance.judge.lifecycle import GRACE_S, Probe
from conformance.target import Lifecycle

_PAUSE_S = 0.05
_COMMAND_S = 30.0
_START_S = 60.0
_SLOW_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Drain:
    """The exchanges of a drain: new requests on fresh connections, on connections kept from before, and the one in flight.

    `watched_s` is how long the gateway was given to begin; `held_s` how long the request was held after the signal.
    """

    fresh: tuple[Probe, ...]
    kept: tuple[Probe, ...]
    held: Exchange
    watched_s: float
    held_s: float


def lifecycle_of(case: Case) -> Lifecycle:
    if case.target.lifecycle is None:
        raise Blocked("no lifecycle is declared")
    return case.target.lifecycle


def longest_hold_s(case: Case) -> float:
    """How many seconds a request may be held: well within the gateway's time-out for its provider, and its drain time."""
    return min(0.4 * lifecycle_of(case).drain_s, (case.target.timeout_s or 30.0) / 4)


def drain(case: Case, route: str, answer: Mapping[str, Any], *, watch_s: float) -> Drain:
    """Hold a request, stop the gateway, send new requests, release the held one, start the gateway again.

    `answer` is scripted for the held request; where it is empty, the provider answers as usual. Raises Blocked where the
    request does not get to the provider, a command fails, or the gateway does not come back.
    """
    # A gateway that is gone already is not stopped and started: what follows would not show what that did.
    case.gateway.wait_for_limits()
    gate = f"drain-{case.marker}"
    with (
        _started_again(case),
        case.provider.gate(gate) as held,
        case.provider.scripted({"marker": case.marker}, {"hold": gate, **answer}),
        ThreadPoolExecutor(1) as pool,
        ExitStack() as connections,
    ):
        idle = [connections.enter_context(_idle_connection(case)) for _ in OPERATIONS_AND_ENCODINGS]
        request = marked_request(case, route)
        future = pool.submit(_ask_once, case, request, case.gateway.timeout_s)
        try:
            if not held.wait_for(1):
                raise Blocked("a request that should be held at the provider did not get there")
            started = time.monotonic()
            fresh, kept = _stop_and_watch(case, idle, started, watch_s)
            held_s = time.monotonic() - started
        finally:
            held.release()
        return Drain(fresh, kept, future.result(), watch_s, held_s)


def _stop_and_watch(
    case: Case, idle: list[KeptConnection], started: float, watch_s: float
) -> tuple[tuple[Probe, ...], tuple[Probe, ...]]:
    """New requests until one meets a gateway that drains; a moment later more, on kept connections and for every operation.

    Every operation is asked for twice, a moment apart: which one first shows the draining is not known beforehand.
    """
    _run(lifecycle_of(case).terminate)
    fresh = [_probe(case, started, lambda: _ask_new(case))]
    while not fresh[-1].shows_draining and time.monotonic() < started + watch_s:
        time.sleep(_PAUSE_S)
        fresh.append(_probe(case, started, lambda: _ask_new(case)))
    kept: list[Probe] = []
    for _ in range(2):
        time.sleep(2 * GRACE_S)
        kept = kept or [
            _probe(case, started, _asking(case, connection, route, form))
            for connection, (route, form) in zip(idle, OPERATIONS_AND_ENCODINGS, strict=True)
        ]
        fresh += [_probe(case, started, _asking_new(case, route, form)) for route, form in OPERATIONS_AND_ENCODINGS]
    return tuple(fresh), tuple(kept)


def _asking(case: Case, connection: KeptConnection, route: str, form: str) -> Callable[[], Exchange]:
    return lambda: connection.ask(valid_request(case.example(), route, form)).exchange


def _asking_new(case: Case, route: str, form: str) -> Callable[[], Exchange]:
    return lambda: _ask_once(case, valid_request(case.example(), route, form), _probe_timeout_s(case))


def _probe(case: Case, started: float, ask: Callable[[], Exchange]) -> Probe:
    at_s = time.monotonic() - started
    return Probe(at_s, ask(), case.contract.statuses("shutting-down"))


def _new_request(case: Case) -> Request:
    return valid_request(case.example(), "speech", "json")


def _ask_new(case: Case) -> Exchange:
    return _ask_once(case, _new_request(case), _probe_timeout_s(case))


def _probe_timeout_s(case: Case) -> float:
    return max(3.0, 0.2 * lifecycle_of(case).drain_s)


def _ask_once(case: Case, request: Request, timeout_s: float) -> Exchange:
    """Send a request on a connection of its own."""
    try:
        with KeptConnection(case.gateway.endpoint, timeout_s, case.gateway.observe) as connection:
            return connection.ask(request).exchange
    except OSError as error:
        return Exchange(request, None, f"connection refused ({error})")


def _idle_connection(case: Case) -> KeptConnection:
    """A kept connection on which one request has been answered, without a call of the provider."""
    try:
        connection = KeptConnection(case.gateway.endpoint, _probe_timeout_s(case), case.gateway.observe)
    except OSError as error:
        raise Blocked(f"no connection can be made ({error})") from error
    connection.ask(with_model(case, "speech", "json", OMIT))
    return connection


@contextmanager
def _started_again(case: Case) -> Iterator[None]:
    """Start the gateway again afterwards, whatever happened inside. Raises Blocked where it does not serve again."""
    try:
        yield
    finally:
        if _is_gone(case):
            _run(lifecycle_of(case).start)
        _wait_until_served(case)


def _is_gone(case: Case) -> bool:
    """Wait until connections are refused; a gateway that goes on serving is not started a second time."""
    deadline = time.monotonic() + lifecycle_of(case).drain_s + _SLOW_STOP_S
    while time.monotonic() < deadline:
        exchange = _ask_new(case)
        if exchange.answer is None and not exchange.timed_out:
            return True
        time.sleep(_PAUSE_S)
    return exchange.status not in case.contract.statuses("served")


def _wait_until_served(case: Case) -> None:
    deadline = time.monotonic() + _START_S
    while (exchange := _ask_new(case)).status not in case.contract.statuses("served"):
        if time.monotonic() > deadline:
            raise Blocked(f"the gateway was started again and does not serve a valid request: {exchange.got}", exchange)
        time.sleep(_PAUSE_S)


def _run(command: str) -> None:
    """Run one of the target's commands. One that does not return within 30 s is left running: it may be the gateway."""
    process = subprocess.Popen(  # noqa: S602 - a shell command is what the target declares
        command,
        shell=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        status = process.wait(_COMMAND_S)
    except subprocess.TimeoutExpired:
        return
    if status:
        raise Blocked(f"the lifecycle command `{command}` ended with status {status}")

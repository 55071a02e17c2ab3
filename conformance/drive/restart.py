"""Stops the gateway and starts it again, by the commands that its target declares, and asks it anew meanwhile.

Nothing here goes through the suite's pooled client: which connection a request takes is the point.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from conformance.drive.case import Case
from conformance.drive.requests import valid_request
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Request
from conformance.http.kept import KeptConnection
from conformance.target import Lifecycle

_PAUSE_S = 0.05
_COMMAND_S = 30.0
_START_S = 60.0
_SLOW_STOP_S = 10.0


def lifecycle_of(case: Case) -> Lifecycle:
    """What is declared of stopping and starting. Raises Blocked where nothing is."""
    if case.target.lifecycle is None:
        raise Blocked("no lifecycle is declared")
    return case.target.lifecycle


def new_request(case: Case) -> Request:
    """A plain valid request of its own."""
    return valid_request(case.example(), "speech", "json")


def ask_new(case: Case) -> Exchange:
    """What comes of a new request on a fresh connection."""
    return ask_once(case, new_request(case), probe_timeout_s(case))


def probe_timeout_s(case: Case) -> float:
    """How long a new request is waited for."""
    return max(3.0, 0.2 * lifecycle_of(case).drain_s)


def ask_once(case: Case, request: Request, timeout_s: float) -> Exchange:
    """Send a request on a connection of its own."""
    try:
        with KeptConnection(case.gateway.endpoint, timeout_s, case.gateway.observe) as connection:
            return connection.ask(request).exchange
    except OSError as error:
        return Exchange(request, None, f"connection refused ({error})")


@contextmanager
def started_again(case: Case) -> Iterator[Callable[[], None]]:
    """Gives what stops the gateway; one that was stopped, or is down, is started afterwards, whatever happened inside.

    Raises Blocked where it does not serve again.
    """
    stopped = False

    def stop() -> None:
        nonlocal stopped
        stopped = True
        _run(lifecycle_of(case).terminate)

    try:
        yield stop
    finally:
        gone = _is_gone(case) if stopped else _is_down(ask_new(case))
        if gone:
            _run(lifecycle_of(case).start)
        if stopped or gone:
            _wait_until_served(case)
            case.gateway.health.restarted()


def _is_gone(case: Case) -> bool:
    """Wait until connections are refused; a gateway that goes on serving is not started a second time."""
    deadline = time.monotonic() + lifecycle_of(case).drain_s + _SLOW_STOP_S
    while time.monotonic() < deadline:
        exchange = ask_new(case)
        if _is_down(exchange):
            return True
        time.sleep(_PAUSE_S)
    return exchange.status not in case.contract.statuses("served")


def _is_down(exchange: Exchange) -> bool:
    return exchange.answer is None and not exchange.timed_out


def _wait_until_served(case: Case) -> None:
    deadline = time.monotonic() + _START_S
    while (exchange := ask_new(case)).status not in case.contract.statuses("served"):
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

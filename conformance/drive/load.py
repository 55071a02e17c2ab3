"""Many requests at once; with the mock behind, held at the provider until all are in flight and released last first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

from conformance.drive.calls import ask_marked
from conformance.drive.case import Case
from conformance.errors import Blocked
from conformance.http.exchange import Exchange, Finding
from conformance.judge.concurrency import served_or_held_off
from conformance.mock.control import Gate

AT_ONCE = 16
_LONGEST_HOLD_S = 5.0

Send = Callable[[Case, int], Exchange]


def send_on(routes: Sequence[str]) -> Send:
    """Valid requests, of one operation after the other and in all its encodings; each carries its case's marker."""

    def send(case: Case, number: int) -> Exchange:
        route = routes[number % len(routes)]
        encodings = case.contract.operations[route].encodings
        return ask_marked(case, route, encodings[number // len(routes) % len(encodings)])

    return send


def all_at_once(cases: Sequence[Case], send: Send) -> list[Exchange]:
    """Send a request for each case at the same time; returns the exchanges in the order of the cases.

    Judges that none failed, on a second attempt where one did: on a busy machine the provider itself may be too slow.
    Raises Blocked where one was held off.
    """
    exchanges = _sent(cases, send)
    if any(_failed(cases[0], exchange) for exchange in exchanges):
        exchanges = _sent([case.example() for case in cases], send)
    cases[0].judge(*(_failed(cases[0], exchange) for exchange in exchanges))
    return _served(cases[0], exchanges)


def _sent(cases: Sequence[Case], send: Send) -> list[Exchange]:
    with ThreadPoolExecutor(len(cases)) as pool:
        futures = [pool.submit(send, case, number) for number, case in enumerate(cases)]
        return [future.result() for future in futures]


def all_in_flight(
    case: Case, cases: Sequence[Case], send: Send, act: Callable[[Case], Mapping[str, Any]]
) -> list[Exchange]:
    """Send as `all_at_once` does, each held at the provider until all that the gateway lets in are there.

    They are then answered as `act` says, the last to arrive first.
    """
    name = f"load-{case.marker}"
    with case.provider.gate(name) as gate, ExitStack() as scripts, ThreadPoolExecutor(len(cases)) as pool:
        for member in cases:
            scripts.enter_context(case.provider.scripted({"marker": member.marker}, {"hold": name, **act(member)}))
        futures = [pool.submit(send, member, number) for number, member in enumerate(cases)]
        try:
            _let_go(case, cases, gate)
        finally:
            gate.release()
        exchanges = [future.result() for future in futures]
    if any(_failed(case, exchange) for exchange in exchanges):
        # The hold may have exceeded the gateway's time-out for its provider: requests that are not held decide.
        all_at_once([case.example() for _ in cases], send)
    return _served(case, exchanges)


def _let_go(case: Case, cases: Sequence[Case], gate: Gate) -> None:
    """Release what is held, the last to arrive first: a gateway that answers in the order of arrival mixes them up."""
    # A hold must stay well below the time after which the gateway gives a provider up.
    gate.wait_for(len(cases), wait_s=min(_LONGEST_HOLD_S, (case.target.timeout_s or 30.0) / 4))
    calls = [call for member in cases for call in case.provider.calls(marker=member.marker)]
    held = {call.position for call in calls if call.state == "held"}
    for position in sorted(held, reverse=True):
        gate.release(position=position)


def _failed(case: Case, exchange: Exchange) -> Finding | None:
    statuses = case.contract.statuses
    return served_or_held_off(exchange, statuses("served"), statuses("held-off"))


def _served(case: Case, exchanges: list[Exchange]) -> list[Exchange]:
    for exchange in exchanges:
        if exchange.status not in case.contract.statuses("served"):
            raise Blocked(f"one of many valid requests at a time was not served: {exchange.got}", exchange)
    return exchanges

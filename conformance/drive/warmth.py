"""Warming up: a process that has served for a while may behave otherwise than one that was started a moment ago."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from conformance.drive.case import Case
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask
from conformance.http.exchange import Exchange

WARM_AFTER_S = 3.0
"""Seconds after which a process that has served every operation counts as warm."""

_LEAST_ROUNDS = 2
_PAUSE_S = 0.5


def warm_up(case: Case) -> None:
    """Ask for every operation in every encoding, again and again until the gateway has been up for WARM_AFTER_S.

    One that is found up has mostly served for longer, so that two rounds do. What is answered is judged elsewhere.
    Raises Blocked where the gateway is gone.
    """
    health, rounds = case.gateway.health, 0
    with ThreadPoolExecutor(len(OPERATIONS_AND_ENCODINGS)) as pool:
        while rounds < _LEAST_ROUNDS or health.up_for_s < WARM_AFTER_S:
            if rounds >= _LEAST_ROUNDS:
                time.sleep(min(_PAUSE_S, max(0.0, WARM_AFTER_S - health.up_for_s)))
            list(pool.map(lambda pair: _ask(case, *pair), _pairs(case)))
            rounds += 1


def _ask(case: Case, route: str, form: str) -> Exchange:
    return ask(case.example(), route, form, limited=True)


def _pairs(case: Case) -> list[tuple[str, str]]:
    return [pair for pair in OPERATIONS_AND_ENCODINGS if case.contract.has(*pair)]

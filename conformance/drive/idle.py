"""A provider that closes its connections while they are idle, and requests that may meet what it has left closed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from conformance.drive.case import Case
from conformance.drive.rough import rough_request, said
from conformance.drive.scripts import match_of
from conformance.http.exchange import Exchange

# More connections than a pool of a few keeps.
_TOGETHER = 6
_CLOSING = {"close_idle_s": 0.2}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of an operation, in one encoding, of a case of its own."""

    case: Case
    route: str
    form: str
    exchange: Exchange


class FirstIdle:
    """What was asked after the first rest, of all operations at the same time, so that it is waited for once."""

    def __init__(self) -> None:
        self._asked: tuple[list[Asked], list[Asked]] | None = None

    def of(self, case: Case, route: str, idle_s: float) -> list[Asked]:
        """What was asked of this operation after it. Raises Blocked where it was not served before."""
        if self._asked is None:
            self._asked = _after_idling(case, tuple(case.contract.operations), idle_s)
        return _of(case, route, *self._asked)


def asked_after_idling(case: Case, route: str, idle_s: float) -> list[Asked]:
    """What is asked of one operation after the provider has closed what was idle. Raises Blocked as FirstIdle does."""
    return _of(case, route, *_after_idling(case, (route,), idle_s))


def _of(case: Case, route: str, before: list[Asked], after: list[Asked]) -> list[Asked]:
    warming = [each.exchange for each in before if each.route == route]
    if not any(map(case.is_served, warming)):
        case.succeeded(warming[0])
    return [each for each in after if each.route == route]


def _after_idling(case: Case, routes: Sequence[str], idle_s: float) -> tuple[list[Asked], list[Asked]]:
    """Requests that leave closed connections, and those after the rest, whose own connections stay open.

    One that is closed just as it is used again is nobody's fault.
    """
    before = _warm_up(case, routes)
    time.sleep(idle_s)
    return before, _together(case, routes, {})


def _warm_up(case: Case, routes: Sequence[str]) -> list[Asked]:
    """What fails may have met a connection that was closed before: then all are sent again."""
    asked = _together(case, routes, _CLOSING)
    if all(case.is_served(each.exchange) for each in asked):
        return asked
    return _together(case, routes, _CLOSING)


def _together(case: Case, routes: Sequence[str], act: dict[str, Any]) -> list[Asked]:
    """Requests at the same time, of every operation in every encoding."""

    def one(pair: tuple[str, str]) -> Asked:
        route, form = pair
        own = case.example()
        with own.provider.scripted(match_of(own, route), {**said(own, route), **act}):
            return Asked(own, route, form, own.send(rough_request(own, route, form)))

    forms = {route: case.contract.operations[route].encodings for route in routes}
    pairs = [(route, forms[route][number % len(forms[route])]) for route in routes for number in range(_TOGETHER)]
    with ThreadPoolExecutor(len(pairs)) as pool:
        return list(pool.map(one, pairs))

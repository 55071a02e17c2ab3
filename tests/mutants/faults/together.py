"""What goes wrong only when requests come at once, and when the gateway is told to stop."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from reference_server.asgi import App, Receive, Scope, Send
from tests.mutants.behind import Call, Order, calls
from tests.mutants.conditions import SERVED, on, status
from tests.mutants.edge import answers
from tests.mutants.exchange import ROUTES, TRANSCRIPTS, Answer, Asked, asked_of
from tests.mutants.fault import Fault, Life, Lifecycle, Mutant, always, never
from tests.mutants.recipes import restated, transcript


def _shared_order(route: str) -> Fault:
    """The request is kept in a place that the next one overwrites."""
    latest: dict[str, Any] = {}

    async def around(where: str, order: Order, call: Call) -> Any:
        if where != route:
            return await call(order)
        latest["order"] = order
        await asyncio.sleep(0.02)
        return await call(latest["order"])

    return calls(around)


def _crossed_answers(*routes: str, within_s: float = 0.05) -> Fault:
    """Two answers that are ready at one time change places."""
    waiting: list[asyncio.Future[Any]] = []

    async def around(where: str, order: Order, call: Call) -> Any:
        found = await call(order)
        if where not in routes:
            return found
        if waiting:
            other = waiting.pop()
            if not other.done():
                mine: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
                other.set_result((found, mine))
                return await mine
        turn: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            theirs, back = await asyncio.wait_for(turn, within_s)
        except TimeoutError:
            return found
        back.set_result(found)
        return theirs

    return calls(around)


def _one_at_a_time_or_500(route: str, most: int) -> Fault:
    """More than so many at a time are failed instead of served."""

    def around(app: App) -> App:
        busy = [0]

        async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
            counted = scope["type"] == "http" and asked_of(scope, 0).route == route
            if counted and busy[0] >= most:
                await transcript("").with_status(500).send(send)
                return
            busy[0] += counted
            try:
                await app(scope, receive, send)
            finally:
                busy[0] -= counted

        return wrapped

    return Fault(around=(around,))


def _id_from(make: Callable[[], str]) -> Fault:
    def change(_: Asked, answer: Answer) -> Answer:
        name = make()
        document = answer.document
        changed = answer.with_document({**document, "request_id": name}) if isinstance(document, dict) else answer
        return changed.with_header("x-request-id", name)

    return answers(change, on(*ROUTES) & SERVED)


def _grown_old(life: Life) -> bool:
    return life.age_s > 2


def _has_served_ten(life: Life) -> bool:
    return life.served.total() >= 10


def _has_served_each(life: Life) -> bool:
    return all(life.served[route] for route in ROUTES)


_WARM = {"old": _grown_old, "after-ten-requests": _has_served_ten, "after-one-of-each": _has_served_each}
_PAIRS = itertools.count()

MUTANTS = (
    *(Mutant(f"{route}-orders-shared", f"concurrency.{route}", _shared_order(route), "C16") for route in ROUTES),
    *(Mutant(f"{route}-answers-crossed", f"concurrency.{route}", _crossed_answers(route)) for route in ROUTES),
    *(Mutant(f"{route}-fails-under-load", f"concurrency.{route}", _one_at_a_time_or_500(route, 3)) for route in ROUTES),
    Mutant("request-ids-by-the-clock", "concurrency.request-ids", _id_from(lambda: f"req_{int(time.time() * 20)}")),
    Mutant("request-ids-in-pairs", "concurrency.request-ids", _id_from(lambda: f"req_{next(_PAIRS) // 2}")),
    Mutant("answers-crossed-generated", "generated.concurrency", _crossed_answers(*TRANSCRIPTS, within_s=0.5)),
    Mutant("serves-while-draining", "lifecycle.new-requests", Fault(lifecycle=Lifecycle(drains=never))),
    Mutant("draining-500", "lifecycle.new-requests", restated(500, status(503))),
    Mutant("draining-500-until-closed", "lifecycle.new-requests", replace(restated(500, status(503)), lifecycle=Lifecycle(closes_later=True))),
    Mutant("speech-served-while-draining", "lifecycle.new-requests", Fault(lifecycle=Lifecycle(still_serves=frozenset({"speech"})))),
    Mutant("kept-connections-served-while-draining", "lifecycle.kept-connections", Fault(lifecycle=Lifecycle(spares_kept=frozenset(ROUTES)))),
    Mutant("translations-served-on-kept-connections-while-draining", "lifecycle.kept-connections", Fault(lifecycle=Lifecycle(spares_kept=frozenset({"translations"})))),
    *(Mutant(f"{name}-killed-in-flight", f"lifecycle.in-flight.{name}", Fault(lifecycle=Lifecycle(kills_in_flight=always))) for name in ROUTES),
    *(Mutant(f"{name}-killed-in-flight-when-{when}", f"lifecycle.in-flight.{name}", Fault(lifecycle=Lifecycle(kills_in_flight=_WARM[when]))) for name, when in zip(ROUTES, _WARM, strict=True)),
    *(Mutant(f"{name}-given-up-in-flight-when-{when}", f"lifecycle.in-flight.{name}", Fault(lifecycle=Lifecycle(gives_up=_WARM[when]))) for name, when in zip(reversed(ROUTES), _WARM, strict=True)),
    Mutant("serves-while-draining-when-old", "lifecycle.new-requests", Fault(lifecycle=Lifecycle(drains=lambda life: not _grown_old(life)))),
)  # fmt: skip

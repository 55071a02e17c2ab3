"""Plays a script's act: a row of small steps, each of which does its one thing or nothing at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_upstreams.shaping import sending, shape, standing_in

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mock_upstreams.answers import Answer
    from mock_upstreams.gates import Gates
    from mock_upstreams.journal import Entry, Journal, State
    from mock_upstreams.scripts import Act
    from mock_upstreams.shaping import Sending
    from mock_upstreams.stage import Stage

__all__ = ["Performance", "play"]


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """One call being answered: what is to be done, for which entry, over which wire.

    ``ordinary`` makes the provider's own answer (it is asked only if that one is wanted), ``dress`` adds the headers
    that every answer of the face has.
    """

    act: Act
    entry: Entry
    stage: Stage
    gates: Gates
    journal: Journal
    ordinary: Callable[[], Awaitable[Answer]]
    dress: Callable[[Answer], Answer]

    def note(self, state: State) -> None:
        """Note in the journal what becomes of the call."""
        self.journal.set_state(self.entry, state)


async def play(performance: Performance) -> None:
    """Answer a call; give up as soon as its caller hangs up."""
    work = asyncio.ensure_future(_work(performance))
    gone = asyncio.ensure_future(performance.stage.hung_up())
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        work.cancel()
        gone.cancel()
        outcome, _ = await asyncio.gather(work, gone, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome
    performance.note("disconnected")  # does nothing where the call has come to its end


async def _work(performance: Performance) -> None:
    for step in (_hold, _delay):
        await step(performance)
    if performance.act.reset == "before_headers":
        performance.note("reset")
        await performance.stage.reset()
        return
    answer = shape(performance.act, performance.dress(await _composed(performance)))
    performance.journal.set_answer(performance.entry, answer)
    await _send(performance, answer, sending(performance.act, answer))


async def _hold(performance: Performance) -> None:
    if performance.act.hold is not None:
        performance.note("held")
        await performance.gates.hold(performance.act.hold, performance.entry.position)


async def _delay(performance: Performance) -> None:
    if performance.act.delay_s is not None:
        await asyncio.sleep(performance.act.delay_s)


async def _composed(performance: Performance) -> Answer:
    return standing_in(performance.act) or await performance.ordinary()


async def _send(performance: Performance, answer: Answer, plan: Sending) -> None:
    """Send the answer. Its end is noted before the last piece leaves, or its reader could be here to look first."""
    stage, last = performance.stage, len(plan.pieces) - 1
    if last < 0:
        performance.note(_OUTCOMES[plan.ending])
    await stage.start(answer, plan.length)
    for number, piece in enumerate(plan.pieces):
        if number and plan.pause_s:
            await asyncio.sleep(plan.pause_s)
        if number == last:
            performance.note(_OUTCOMES[plan.ending])
        await stage.put(piece)
    await _ENDINGS[plan.ending](stage)


_OUTCOMES: dict[str, State] = {"end": "answered", "cut": "answered", "reset": "reset"}

_ENDINGS: dict[str, Callable[[Stage], Awaitable[None]]] = {
    "end": lambda stage: stage.end(),
    "cut": lambda stage: stage.cut(),
    "reset": lambda stage: stage.reset(),
}

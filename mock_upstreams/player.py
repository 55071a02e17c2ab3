"""Plays a script's act on one call: hold, delay, response, ending; each step does its one thing or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mock_upstreams.channel import Channel
from mock_upstreams.gates import Gates
from mock_upstreams.journal import Entry, Journal, State
from mock_upstreams.responses import Response
from mock_upstreams.scripts import Act
from mock_upstreams.transmission import Transmission, changed, substitute, transmission


@dataclass(frozen=True, slots=True, eq=False)
class Playback:
    """One call being answered: the act to play, the journal entry, the channel to respond on.

    `unscripted` makes the provider's own response (called only if that one is wanted), `complete` adds the headers
    that every response of the face has.
    """

    act: Act
    entry: Entry
    channel: Channel
    gates: Gates
    journal: Journal
    unscripted: Callable[[], Awaitable[Response]]
    complete: Callable[[Response], Response]

    def note(self, state: State) -> None:
        """Notes in the journal what became of the call."""
        self.journal.set_state(self.entry, state)


async def play(playback: Playback) -> None:
    """Responds to a call; gives up as soon as its client disconnects."""
    work = asyncio.ensure_future(_work(playback))
    gone = asyncio.ensure_future(playback.channel.disconnected())
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        work.cancel()
        gone.cancel()
        outcome, _ = await asyncio.gather(work, gone, return_exceptions=True)
    if isinstance(outcome, Exception):
        raise outcome
    playback.note("disconnected")  # does nothing where the call has come to its end


async def _work(playback: Playback) -> None:
    for step in (_hold, _delay):
        await step(playback)
    if playback.act.reset == "before_headers":
        playback.note("reset")
        await playback.channel.reset()
        return
    response = changed(playback.act, playback.complete(await _response(playback)))
    playback.journal.set_response(playback.entry, response)
    await _send(playback, response, transmission(playback.act, response))


async def _hold(playback: Playback) -> None:
    if playback.act.hold is not None:
        playback.note("held")
        await playback.gates.hold(playback.act.hold, playback.entry.position)


async def _delay(playback: Playback) -> None:
    if playback.act.delay_s is not None:
        await asyncio.sleep(playback.act.delay_s)


async def _response(playback: Playback) -> Response:
    return substitute(playback.act) or await playback.unscripted()


async def _send(playback: Playback, response: Response, plan: Transmission) -> None:
    """Sends the response. Its end is noted before the last piece leaves, or its reader could ask the journal first."""
    channel, last = playback.channel, len(plan.pieces) - 1
    if last < 0:
        playback.note(_OUTCOMES[plan.ending])
    await channel.start(response, plan.length)
    for number, piece in enumerate(plan.pieces):
        if number and plan.pause_s:
            await asyncio.sleep(plan.pause_s)
        if number == last:
            playback.note(_OUTCOMES[plan.ending])
        await channel.put(piece)
    await _ENDINGS[plan.ending](channel)


_OUTCOMES: dict[str, State] = {"end": "answered", "cut": "answered", "reset": "reset"}

_ENDINGS: dict[str, Callable[[Channel], Awaitable[None]]] = {
    "end": lambda channel: channel.end(),
    "cut": lambda channel: channel.cut(),
    "reset": lambda channel: channel.reset(),
}

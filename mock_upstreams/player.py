"""Plays a script's act on one call: hold, delay, response, ending; each step does its one thing or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from msgspec import Struct

from mock_upstreams.acts import NO_ACT, Act, ContentCoding, HoldBody
from mock_upstreams.changes import changed, coded, content_coding, substitute, with_header_case
from mock_upstreams.channel import Channel, is_short
from mock_upstreams.gates import Gates
from mock_upstreams.journal import Entry, Journal, State
from mock_upstreams.requests import ReceivedRequest
from mock_upstreams.responses import Response
from mock_upstreams.transmission import Transmission, transmission
from mock_upstreams.watching import Watch


class Playback(Struct, eq=False):
    """One call being answered: the act to play, the request, its journal entry, the channel to respond on.

    `unscripted` makes the provider's own response, at once or in its time (called only if that one is wanted), `complete`
    adds the headers that every response of the face has.
    """

    act: Act
    entry: Entry
    request: ReceivedRequest
    channel: Channel
    gates: Gates
    journal: Journal
    unscripted: Callable[[], Response | Awaitable[Response]]
    complete: Callable[[Response], Response]

    def note(self, state: State) -> None:
        """Notes in the journal what became of the call."""
        self.journal.set_state(self.entry, state)


async def play(playback: Playback) -> None:
    """Responds to a call; gives up as soon as its client disconnects. Raises ClientDisconnected."""
    try:
        if playback.act is not NO_ACT:
            await _watched(playback, _act(playback))
        elif isinstance(response := playback.unscripted(), Response):
            await _respond(playback, response)
        else:
            await _watched(playback, _respond_later(playback, response))
    finally:
        playback.note("disconnected")  # does nothing where the call has come to its end


async def _watched(playback: Playback, work: Awaitable[None]) -> None:
    """Does what may take long, and stops when the client disconnects."""
    watch = Watch(playback.channel)
    try:
        await work
    except asyncio.CancelledError:
        if not watch.client_has_gone():
            raise
    finally:
        watch.end()


async def _respond_later(playback: Playback, response: Awaitable[Response]) -> None:
    await _respond(playback, await response)


async def _respond(playback: Playback, response: Response) -> None:
    response = playback.complete(response)
    playback.journal.set_response(playback.entry, response)
    if is_short(response):
        playback.note("answered")  # before it leaves, or its reader could ask the journal first
        await playback.channel.whole(response)
    else:
        await _send(playback, response, transmission(playback.act, response))


async def _act(playback: Playback) -> None:
    for step in (_hold, _delay):
        await step(playback)
    if playback.act.reset == "before_headers":
        playback.note("reset")
        await playback.channel.reset()
        return
    _interim(playback)
    response = changed(playback.act, playback.complete(await _response(playback)))
    coding = content_coding(playback.act, playback.request.header("accept-encoding"))
    playback.journal.set_response(playback.entry, response, coding, _left_out(playback, coding))
    response = with_header_case(coded(response, coding), playback.act.header_case)
    await _send(playback, response, transmission(playback.act, response))


def _interim(playback: Playback) -> None:
    for interim in playback.act.interim or () if playback.channel.takes_interim else ():
        playback.channel.connection.send_interim(interim.status, tuple(interim.headers.items()))


def _left_out(playback: Playback, coding: ContentCoding | None) -> list[str]:
    """Returns the fields of the act that this request did not allow."""
    act = playback.act
    left_out = {
        "compress": act.compress is not None and coding is None,
        "interim": bool(act.interim) and not playback.channel.takes_interim,
        "redirect": act.redirect is not None and playback.request.redirected,
    }
    return [name for name, left in left_out.items() if left]


async def _hold(playback: Playback) -> None:
    if playback.act.hold is not None:
        playback.note("held")
        await playback.gates.hold(playback.act.hold, playback.entry.position)


async def _delay(playback: Playback) -> None:
    if playback.act.delay_s is not None:
        await asyncio.sleep(playback.act.delay_s)


async def _response(playback: Playback) -> Response:
    response = substitute(playback.act, playback.request) or playback.unscripted()
    return response if isinstance(response, Response) else await response


async def _send(playback: Playback, response: Response, plan: Transmission) -> None:
    """Sends the response. Its end is noted before the last piece leaves, or its reader could ask the journal first."""
    channel, last = playback.channel, len(plan.pieces) - 1
    if last < 0:
        playback.note(_OUTCOMES[plan.ending])
    if playback.act.close_idle_s is not None:
        channel.connection.close_idle(playback.act.close_idle_s)
    await channel.start(response, plan.framing, plan.length)
    for number, piece in enumerate(plan.pieces):
        if number and plan.pause_s:
            await asyncio.sleep(plan.pause_s)
        if playback.act.hold_body is not None:
            await _hold_body(playback, playback.act.hold_body, number)
        if number == last:
            playback.note(_OUTCOMES[plan.ending])
        await channel.put(piece)
    await _ENDINGS[plan.ending](channel)


async def _hold_body(playback: Playback, held: HoldBody, sent: int) -> None:
    """Waits at the gate of the act where it says so."""
    if held.holds(sent):
        playback.note("held")
        await playback.gates.hold(held.gate, playback.entry.position)


_OUTCOMES: dict[str, State] = {"end": "answered", "cut": "answered", "reset": "reset"}

_ENDINGS: dict[str, Callable[[Channel], Awaitable[None]]] = {
    "end": Channel.end,
    "cut": Channel.cut,
    "reset": Channel.reset,
}

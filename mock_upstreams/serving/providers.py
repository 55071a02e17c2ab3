"""The providers' ASGI application: receives a request, records it, and responds as a script says or unscripted."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, unquote

from mock_upstreams.acts import NO_ACT
from mock_upstreams.channel import DECODED, Channel, ClientDisconnected, Receive, Scope, Send
from mock_upstreams.endpoints.responder import Responder
from mock_upstreams.errors import ProviderRefusal, UnexpectedCall
from mock_upstreams.faces import FACES, OPENAI, Face
from mock_upstreams.faces.refusals import too_large
from mock_upstreams.gates import Gates
from mock_upstreams.journal import Entry, Journal
from mock_upstreams.player import Playback, play
from mock_upstreams.requests import REDIRECTED, Address, FaceName, ReceivedBody, ReceivedRequest
from mock_upstreams.responses import Response
from mock_upstreams.scripts import ScriptBook
from mock_upstreams.serving.bodies import BodyTooLarge, read_body

_MOST_BODY_BYTES = 256 * 2**20
_USUAL_HEADERS = 20  # longer heads are not remembered
_USUAL_PATH = 200  # characters; what is addressed by longer paths is not remembered
_FACES: dict[FaceName | None, Face] = {face.name: face for face in FACES}


@dataclass(slots=True, eq=False)
class ProviderApp:
    """The ASGI application of both faces."""

    responder: Responder
    scripts: ScriptBook
    journal: Journal
    gates: Gates
    _in_flight: set[Channel] = field(default_factory=set)
    _ids: random.Random = field(default_factory=random.Random)  # ids tell requests apart, and are no secrets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Responds to one request."""
        channel = Channel(scope, receive, send)
        self._in_flight.add(channel)
        try:
            request = await self._received(channel)
            await self._respond(request, channel)
        except ClientDisconnected:
            pass  # what was received whole is in the journal
        finally:
            self._in_flight.discard(channel)

    async def close(self) -> None:
        """Resets the connection of every call in flight, and stops responding."""
        for channel in self._in_flight:
            channel.connection.reset()
        await self.responder.close()

    async def _received(self, channel: Channel) -> ReceivedRequest:
        scope = channel.scope
        pairs = tuple(scope["headers"])
        headers = (_decoded_before if len(pairs) <= _USUAL_HEADERS else _decoded)(pairs)
        content_type = next((value for name, value in headers if name == "content-type"), "")
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        return ReceivedRequest(
            method=scope["method"],
            path=path,
            query=tuple(parse_qsl(query, keep_blank_values=True)) if query else (),
            headers=headers,
            address=_known_address(path) if len(path) <= _USUAL_PATH else _address(path),
            body=await self._body(channel, content_type),
            query_string=query,
        )

    async def _body(self, channel: Channel, content_type: str) -> ReceivedBody:
        decoded: ReceivedBody | None = channel.scope["extensions"].get(DECODED)
        if decoded is not None and not self.responder.needs_raw:
            return decoded
        try:
            return await read_body(
                channel.piece, content_type, most=_MOST_BODY_BYTES, keep_raw=self.responder.needs_raw
            )
        except BodyTooLarge as error:
            return ReceivedBody("other", fault=too_large(_MOST_BODY_BYTES, error.size).message, size=error.size)

    async def _respond(self, request: ReceivedRequest, channel: Channel) -> None:
        began = time.monotonic()
        face = _FACES.get(request.address.face, OPENAI)
        entry = self.journal.record(request)
        script = self.scripts.take(request)
        entry.script = script.id if script else None
        request_id = f"req_{self._ids.getrandbits(128):032x}"

        def complete(response: Response) -> Response:
            milliseconds = int((time.monotonic() - began) * 1000)
            return response.with_defaults(face.headers(request, response, request_id, milliseconds))

        await play(
            Playback(
                act=script.act if script else NO_ACT,
                entry=entry,
                request=request,
                channel=channel,
                gates=self.gates,
                journal=self.journal,
                unscripted=lambda: self._unscripted(request, face, entry),
                complete=complete,
            )
        )

    def _unscripted(self, request: ReceivedRequest, face: Face, entry: Entry) -> Response | Awaitable[Response]:
        try:
            response = self.responder.response(request, face)
        except ProviderRefusal as error:
            return _refused(error, face, entry)
        return response if isinstance(response, Response) else _awaited(response, face, entry)


async def _awaited(response: Awaitable[Response], face: Face, entry: Entry) -> Response:
    try:
        return await response
    except ProviderRefusal as error:
        return _refused(error, face, entry)


def _refused(error: ProviderRefusal, face: Face, entry: Entry) -> Response:
    entry.unexpected = isinstance(error, UnexpectedCall)
    return face.refusal(error)


def _decoded(pairs: tuple[tuple[bytes, bytes], ...]) -> tuple[tuple[str, str], ...]:
    return tuple([(name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs])


# Clients send the same ones again and again: the calls in the journal have them in common.
_decoded_before = lru_cache(maxsize=256)(_decoded)


def _address(raw_path: str) -> Address:
    path = raw_path.removeprefix(REDIRECTED) if raw_path.startswith(f"{REDIRECTED}/") else raw_path
    segments = [unquote(segment) for segment in path.split("/")[1:]]
    return next((address for face in FACES if (address := face.address(segments))), Address())


_known_address = lru_cache(maxsize=1024)(_address)

"""A gateway's own HTTP client, written by hand: what such clients get wrong of the answers that a provider may send.

It takes the place of the reference gateway's on one route. What it makes of an answer as it came over the wire is the fault.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import h11
import httpx

from tests.mutants.fault import Fault, Forward

_READ = 65_536
_FRAMING = frozenset({"content-length", "transfer-encoding", "connection"})

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class RawAnswer:
    """An answer as it came: interim statuses, the headers in the letters in which they were written, the body in pieces."""

    interim: list[int] = field(default_factory=list)
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name), None)

    def response(self, body: bytes | None = None) -> httpx.Response:
        """What a sound client makes of it, or of another body."""
        content = b"".join(self.pieces) if body is None else body
        kept = [(name, value) for name, value in self.headers if name.lower() not in _FRAMING]
        return httpx.Response(self.status, headers=kept, content=content)


Read = Callable[[RawAnswer], httpx.Response]


def hand_written(route: str, read: Read = RawAnswer.response, *, trusts_s: float = 0) -> Fault:
    """The client of this route; a connection is used again if it was idle for no longer than `trusts_s`, open or not."""
    idle: list[tuple[Stream, float]] = []

    async def wire(request: httpx.Request, forward: Forward) -> httpx.Response:
        if not request.url.path.endswith(f"/audio/{route}"):
            return await forward(request)
        stream = _kept(idle, trusts_s) or await asyncio.open_connection(request.url.host, request.url.port)
        try:
            answer = await _ask(stream, request, await request.aread())
        except (h11.RemoteProtocolError, OSError) as error:
            stream[1].close()
            raise httpx.RemoteProtocolError(str(error)) from error
        if trusts_s:
            idle.append((stream, time.monotonic()))
        else:
            stream[1].close()
        return read(answer)

    return Fault(wire=(wire,))


def _kept(idle: list[tuple[Stream, float]], trusts_s: float) -> Stream | None:
    """The connection that was used last, if that is not too long ago. The others are older still."""
    while idle:
        stream, since = idle.pop()
        if time.monotonic() - since <= trusts_s:
            return stream
        stream[1].close()
    return None


async def _ask(stream: Stream, request: httpx.Request, body: bytes) -> RawAnswer:
    reader, writer = stream
    connection = h11.Connection(h11.CLIENT)
    headers = [(name, value) for name, value in request.headers.raw if name.decode().lower() not in _FRAMING]
    headers.append((b"content-length", str(len(body)).encode()))
    for event in (h11.Request(method=request.method, target=request.url.raw_path, headers=headers), h11.Data(body)):
        writer.write(connection.send(event) or b"")
    connection.send(h11.EndOfMessage())
    answer = RawAnswer()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_READ))
        elif isinstance(event, h11.InformationalResponse):
            answer.interim.append(event.status_code)
        elif isinstance(event, h11.Response):
            answer.status = event.status_code
            answer.headers = [(name.decode(), value.decode("latin-1")) for name, value in event.headers.raw_items()]
        elif isinstance(event, h11.Data):
            answer.pieces.append(bytes(event.data))
        else:
            return answer

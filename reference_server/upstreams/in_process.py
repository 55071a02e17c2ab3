"""An ASGI application in this process as a provider: its responses reach the HTTP client as if they came over a socket.

Unlike the transport that httpx brings, it passes the body on as it comes, and the application may close or reset the
connection that there is none of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from urllib.parse import unquote

import httpx

from reference_server.asgi import App, Message, Scope

# Pieces of a body that wait to be read; more make the application wait.
_MOST_WAITING = 16
_NOTICE_S = 1.0


class InProcessTransport(httpx.AsyncBaseTransport):
    """Sends every request to `app`, whose scope holds the connection as the ASGI extension `connection_key`."""

    def __init__(self, app: App, connection_key: str) -> None:
        self._app = app
        self._connection_key = connection_key

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = _Call(request)
        task = asyncio.create_task(self._run(call))
        try:
            start = await call.start()
        except BaseException:
            await _ended(call, task)
            raise
        return httpx.Response(start["status"], headers=list(start["headers"]), stream=_Body(call, task, start))

    async def _run(self, call: _Call) -> None:
        scope = _scope(call.request, self._connection_key, call)
        try:
            await self._app(scope, call.receive, call.send)
        finally:
            call.break_off(httpx.RemoteProtocolError("the provider closed the connection without a whole response"))


class _Call:
    """One request, its response on the way, and the connection between: a `Connection` as the mock wants it."""

    def __init__(self, request: httpx.Request) -> None:
        self.request = request
        self.messages: asyncio.Queue[Message | httpx.TransportError] = asyncio.Queue()
        self.by_close = False
        self._room = asyncio.Semaphore(_MOST_WAITING)
        self._body = aiter(request.stream) if isinstance(request.stream, httpx.AsyncByteStream) else None
        self._gone = asyncio.Event()

    async def receive(self) -> Message:
        """The next piece of the request's body; after the last one, that the client went away."""
        if self._body is not None:
            with suppress(StopAsyncIteration):
                return {"type": "http.request", "body": await anext(self._body), "more_body": True}
            self._body = None
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self._room.acquire()
        if not self._gone.is_set():
            self.messages.put_nowait(message)

    async def start(self) -> Message:
        """The status and headers. Raises TransportError."""
        message = await self.messages.get()
        if isinstance(message, httpx.TransportError):
            raise message
        self.taken()
        return message

    def taken(self) -> None:
        """Makes room: a message was read."""
        self._room.release()

    def leave(self) -> None:
        """Tells the application that its client is gone, and lets it send into the void."""
        self._gone.set()
        for _ in range(_MOST_WAITING):
            self._room.release()

    def break_off(self, error: httpx.TransportError) -> None:
        """Ends the response here, whatever was announced."""
        self.messages.put_nowait(error)
        self._gone.set()

    async def flush(self) -> None:
        """Nothing to do: the reader gets everything in its order."""

    def send_interim(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Nothing to do: a client of HTTP passes over interim responses."""

    def delimit_by_close(self) -> None:
        """Makes the end of the connection the end of the body."""
        self.by_close = True

    def close_idle(self, seconds: float) -> None:
        """Nothing to do: no connection is kept."""

    def close(self) -> None:
        """Ends the connection in good order."""
        self.break_off(httpx.RemoteProtocolError("the provider closed the connection in the middle of its response"))

    def reset(self) -> None:
        """Resets the connection."""
        self.break_off(httpx.ReadError("the provider reset the connection"))


class _Body(httpx.AsyncByteStream):
    """The response's body, as the application sends it."""

    def __init__(self, call: _Call, task: asyncio.Task[None], start: Message) -> None:
        self._call = call
        self._task = task
        lengths = [value for name, value in start["headers"] if name.lower() == b"content-length"]
        self._left = int(lengths[0]) if lengths else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._call.messages.get()
            if isinstance(message, httpx.TransportError):
                if self._is_whole(message):
                    return
                raise message
            self._call.taken()
            piece: bytes = message.get("body", b"")
            self._left = None if self._left is None else self._left - len(piece)
            if piece:
                yield piece
            if not message.get("more_body", False) and not self._left:
                await asyncio.wait({self._task}, timeout=_NOTICE_S)  # its copy of the body is gone before ours is made
                return

    def _is_whole(self, ending: httpx.TransportError) -> bool:
        """Whether an ending without a last piece is the end of the body all the same."""
        return self._left == 0 or (self._call.by_close and isinstance(ending, httpx.RemoteProtocolError))

    async def aclose(self) -> None:
        await _ended(self._call, self._task)


async def _ended(call: _Call, task: asyncio.Task[None]) -> None:
    """Lets the application notice that its client is gone, and stops it when it does not."""
    call.leave()
    await asyncio.wait({task}, timeout=_NOTICE_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _scope(request: httpx.Request, connection_key: str, call: _Call) -> Scope:
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.url.scheme,
        "path": unquote(raw_path.decode("ascii")),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": None,
        "server": None,
        "extensions": {connection_key: call},
    }

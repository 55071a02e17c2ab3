"""An ASGI application in this process as a provider: its responses are those that it would send over a socket.

It may close or reset the connection that there is none of.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from reference_server.asgi import App, Message, Scope
from reference_server.upstreams.connections import MOST_RESPONSE_BYTES, Content, OpenResponse, WholeResponse
from reference_server.upstreams.protocol import ProviderFailed

# Pieces of a body that wait to be read; more make the application wait.
_MOST_WAITING = 16
_NOTICE_S = 1.0
_NO_WHOLE = "the provider closed the connection without a whole response"


class InProcessConnections:
    """Has `app` answer every request.

    `extensions` are the ASGI extensions of a request, made of its connection, its headers and its body.
    """

    def __init__(self, app: App, extensions: Extensions) -> None:
        self._app = app
        self._extensions = extensions

    async def post(self, url: str, headers: dict[str, str], content: Content) -> WholeResponse:
        """The application's work is done in the caller's own task: whoever is cancelled cancels it too."""
        call = _WholeCall(content)
        await self._app(self._scope(url, headers, call), call.receive, call.send)
        return call.response()

    async def open(self, url: str, headers: dict[str, str], content: Content) -> OpenResponse:
        call = _OpenCall(content)
        task = asyncio.create_task(self._run(call, self._scope(url, headers, call)))
        try:
            start = await call.start()
        except BaseException:
            await _ended(call, task)
            raise
        return _Response(call, task, start)

    async def close(self) -> None:
        """Holds nothing."""

    async def _run(self, call: _OpenCall, scope: Scope) -> None:
        try:
            await self._app(scope, call.receive, call.send)
        finally:
            call.break_off(_NO_WHOLE, orderly=True)

    def _scope(self, url: str, headers: Mapping[str, str], call: Connection) -> Scope:
        host, raw_path, path, query = _target(url)
        if isinstance(call.content, bytes):
            length = (b"content-length", b"%d" % len(call.content))
            pairs = (*_encoded_before(tuple(headers.items())), length)
        else:  # a form has its own boundary in them
            pairs = _encoded(headers.items())
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": [(b"host", host), *pairs],
            "client": None,
            "server": None,
            "extensions": self._extensions(call, headers, call.content),
        }


def _encoded(headers: Iterable[tuple[str, str]]) -> tuple[tuple[bytes, bytes], ...]:
    return tuple([(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers])


_encoded_before = lru_cache(maxsize=256)(_encoded)


@lru_cache(maxsize=256)
def _target(url: str) -> tuple[bytes, bytes, str, bytes]:
    """Host, path as sent, decoded path and query of a URL."""
    parts = urlsplit(url)
    return parts.netloc.encode(), parts.path.encode(), unquote(parts.path), parts.query.encode()


Extensions = Callable[["Connection", Mapping[str, str], Content], dict[str, Any]]


class Connection:
    """One request, and the connection that it comes on: a `Connection` as the mock wants it."""

    def __init__(self, content: Content) -> None:
        self.content = content
        self.by_close = False
        self._pieces = None if isinstance(content, bytes) else content.body()
        self._is_sent = False
        self.is_gone = False
        """Whether it was ended, by either side."""
        self._waiting: asyncio.Future[None] | None = None

    async def receive(self) -> Message:
        """The next piece of the request's body; after the last one, that the client went away."""
        if self._is_sent:
            await self._ended()
            return {"type": "http.disconnect"}
        if self._pieces is not None:
            with suppress(StopAsyncIteration):
                return {"type": "http.request", "body": await anext(self._pieces), "more_body": True}
        self._is_sent = True
        body = self.content if isinstance(self.content, bytes) else b""
        return {"type": "http.request", "body": body, "more_body": False}

    def break_off(self, reason: str, *, orderly: bool) -> None:
        """Ends the response here, whatever was announced."""
        raise NotImplementedError

    def end(self) -> None:
        """Notes that it was ended."""
        self.is_gone = True
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    async def _ended(self) -> None:
        """Returns when it was ended; one task at a time waits for it."""
        if not self.is_gone:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting

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
        self.break_off("the provider closed the connection in the middle of its response", orderly=True)

    def reset(self) -> None:
        """Resets the connection."""
        self.break_off("the provider reset the connection", orderly=False)


class _WholeCall(Connection):
    """A call whose response is taken whole."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self._start: Message | None = None
        self._body: list[bytes] = []
        self._size = 0
        self._trouble: _Broken | None = None

    async def send(self, message: Message) -> None:
        """Takes a part of the response."""
        if self._trouble is not None:
            return
        if message["type"] == "http.response.start":
            self._start = message
        elif piece := message.get("body", b""):
            self._body.append(piece)
            self._size += len(piece)
            if self._size > MOST_RESPONSE_BYTES:
                raise ProviderFailed(f"a response of more than {MOST_RESPONSE_BYTES} bytes")

    def break_off(self, reason: str, *, orderly: bool) -> None:
        if self._trouble is None:
            self._trouble = _Broken(reason, orderly=orderly)
        self.end()

    def response(self) -> WholeResponse:
        """The whole response. Raises ProviderFailed."""
        if self._start is None:
            raise ProviderFailed(self._trouble.reason if self._trouble else _NO_WHOLE)
        length = _length_of(self._start["headers"])
        if self._size != length and (self._trouble is not None or length is not None):
            trouble = self._trouble or _Broken(_NO_WHOLE, orderly=True)
            if length is not None or not (self.by_close and trouble.orderly):
                raise ProviderFailed(trouble.reason)
        pieces, self._body = self._body, []
        return WholeResponse(self._start["status"], _Headers(self._start["headers"]), b"".join(pieces))


class _Broken:
    """Why a response ended; in good order, as the end of a connection may end a body."""

    def __init__(self, reason: str, *, orderly: bool) -> None:
        self.reason = reason
        self.orderly = orderly


class _OpenCall(Connection):
    """A call whose response is read as it comes."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.messages: asyncio.Queue[Message | _Broken] = asyncio.Queue()
        self._room = asyncio.Semaphore(_MOST_WAITING)

    async def send(self, message: Message) -> None:
        await self._room.acquire()
        if not self.is_gone:
            self.messages.put_nowait(message)

    async def start(self) -> Message:
        """The status and headers. Raises ProviderFailed."""
        message = await self.messages.get()
        if isinstance(message, _Broken):
            raise ProviderFailed(message.reason)
        self.taken()
        return message

    def taken(self) -> None:
        """Makes room: a message was read."""
        self._room.release()

    def leave(self) -> None:
        """Tells the application that its client is gone, and lets it send into the void."""
        self.end()
        for _ in range(_MOST_WAITING):
            self._room.release()

    def break_off(self, reason: str, *, orderly: bool) -> None:
        self.messages.put_nowait(_Broken(reason, orderly=orderly))
        self.end()


class _Response:
    """A response as the application sends it."""

    def __init__(self, call: _OpenCall, task: asyncio.Task[None], start: Message) -> None:
        self.status: int = start["status"]
        self.headers: Mapping[str, str] = _Headers(start["headers"])
        self._call = call
        self._task = task
        self._left = _length_of(start["headers"])

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            message = await self._call.messages.get()
            if isinstance(message, _Broken):
                if self._left == 0 or (self._call.by_close and message.orderly):
                    return
                raise ProviderFailed(message.reason)
            self._call.taken()
            piece: bytes = message.get("body", b"")
            self._left = None if self._left is None else self._left - len(piece)
            if piece:
                yield piece
            if not message.get("more_body", False) and not self._left:
                await asyncio.wait({self._task}, timeout=_NOTICE_S)  # its copy of the body is gone before ours is made
                return

    async def close(self) -> None:
        await _ended(self._call, self._task)


async def _ended(call: _OpenCall, task: asyncio.Task[None]) -> None:
    """Lets the application notice that its client is gone, and stops it when it does not."""
    call.leave()
    await asyncio.wait({task}, timeout=_NOTICE_S)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


class _Headers(Mapping[str, str]):
    """The headers of a response, decoded when they are asked for: few of them are."""

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        self._pairs = pairs

    def __getitem__(self, name: str) -> str:
        wanted = name.lower().encode("latin-1")
        for found, value in self._pairs:
            if found.lower() == wanted:
                return value.decode("latin-1")
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(name.decode("latin-1").lower() for name, _ in self._pairs))

    def __len__(self) -> int:
        return len(list(iter(self)))


def _length_of(headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    return next((int(value) for name, value in headers if name.lower() == b"content-length"), None)

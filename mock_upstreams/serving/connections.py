"""HTTP/1.1 over a transport that the application may also close or reset: uvicorn's protocol with one ASGI extension.

uvicorn reads the requests, with httptools; the responses are written here, as a provider may write them.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from mock_upstreams.channel import CONNECTION, Message

_LINGER_NOT = struct.pack("ii", 1, 0)  # closing now discards what is unsent and sends RST
_BODILESS = (204, 304)
_FRAMING = (b"content-length", b"transfer-encoding")


class CloseableProtocol(HttpToolsProtocol):
    """Puts itself, as a `channel.Connection`, under `channel.CONNECTION` into every request's scope."""

    _writer: _Writer

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Has every request on this connection know it."""
        super().connection_made(transport)
        application: Any = self.app

        async def with_connection(scope: Any, receive: Any, send: Any) -> None:
            self.timeout_keep_alive = self.config.timeout_keep_alive  # an earlier request may have changed it
            cycle: RequestResponseCycle = send.__self__
            self._writer = _Writer(self, cycle)
            scope["extensions"] = {CONNECTION: self}
            await application(scope, receive, self._writer.send)
            if transport.is_closing():  # cut off on purpose: uvicorn need not say that a response is incomplete
                cycle.disconnected = True

        self.app = with_connection

    def data_received(self, data: bytes) -> None:
        """Parses what came in."""
        self._unset_keepalive_if_required()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offer:
            self._pass_over_upgrade(data[offer.args[0] :])
        except httptools.HttpParserError:
            self.send_400_response("Invalid HTTP request received.")

    def on_message_complete(self) -> None:
        """Takes the end of a request; not where the parser stopped before its body."""
        if not self.parser.should_upgrade():
            super().on_message_complete()

    def _pass_over_upgrade(self, rest: bytes) -> None:
        """Goes on with a request that offers an upgrade, to HTTP/2 for one: it is served without it.

        The parser stops before the body of such a request, as if another protocol began there. A new one takes its place,
        which is told how the body is framed.
        """
        framing = [pair for pair in self.headers if pair[0] in _FRAMING]
        callbacks = _AfterHead(self)
        self.parser = httptools.HttpRequestParser(callbacks)
        self.parser.feed_data(b"".join((b"POST / HTTP/1.1\r\n", *_lines(framing), b"\r\n")))
        callbacks.head_is_over = True
        if rest:
            self.data_received(rest)

    @property
    def is_gone(self) -> bool:
        """Whether the client has closed it."""
        return self.transport.is_closing()

    def send_interim(self, status: int, headers: Sequence[tuple[str, str]]) -> None:
        """Sends an interim response (1xx)."""
        pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        self.transport.write(b"".join((STATUS_LINE[status], *_lines(pairs), b"\r\n")))

    def delimit_by_close(self) -> None:
        """Makes the response now to be sent end with the connection: no length, no chunks, `Connection: close`."""
        self._writer.by_close = True

    def close_idle(self, seconds: float) -> None:
        """Makes the keep-alive time of this connection as short as that."""
        self.timeout_keep_alive = seconds  # type: ignore[assignment]  # uvicorn only passes it to call_later

    async def flush(self) -> None:
        """Waits until all that was sent has left this process."""
        if not self.transport.is_closing():
            self._writer.flush()
            self.transport.set_write_buffer_limits(high=0)  # anything unsent now pauses the flow control
            await self.flow.drain()

    def close(self) -> None:
        """Ends the connection in good order (FIN)."""
        self.transport.close()

    def reset(self) -> None:
        """Resets the connection (RST)."""
        sock = self.transport.get_extra_info("socket")
        if sock is not None and not self.transport.is_closing():
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()


class _AfterHead:
    """The callbacks of a protocol for a parser that is fed the head of a request which the protocol knows already."""

    def __init__(self, protocol: HttpToolsProtocol) -> None:
        self.head_is_over = False
        self.on_body = protocol.on_body
        self.on_message_complete = protocol.on_message_complete
        self.on_message_begin = self._later(protocol.on_message_begin)
        self.on_url = self._later(protocol.on_url)
        self.on_header = self._later(protocol.on_header)
        self.on_headers_complete = self._later(protocol.on_headers_complete)

    def _later(self, callback: Callable[..., None]) -> Callable[..., None]:
        def called(*arguments: bytes) -> None:
            if self.head_is_over:
                callback(*arguments)

        return called


class _Writer:
    """Writes one response: names as they are given, the head together with the first piece of the body."""

    def __init__(self, protocol: CloseableProtocol, cycle: RequestResponseCycle) -> None:
        self.by_close = False
        self._protocol = protocol
        self._cycle = cycle
        self._head = b""
        self._chunked = False
        self._bodiless = False

    async def send(self, message: Message) -> None:
        """Takes a message of ASGI. What was sent before has left this process, as far as the client reads it."""
        if self._protocol.flow.write_paused and not self._cycle.disconnected:
            await self._protocol.flow.drain()
        if self._cycle.disconnected:
            return
        if message["type"] == "http.response.start":
            self._start(message["status"], message["headers"])
        else:
            self._put(message.get("body", b""), more=message.get("more_body", False))

    def flush(self) -> None:
        """Hands over a head that still waits for its body."""
        if self._head:
            self._protocol.transport.write(self._head)
            self._head = b""

    def _start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        cycle = self._cycle
        pairs = list(headers)
        given = {name.lower(): value for name, value in pairs}
        if b"close" in given.get(b"connection", b"").lower():
            cycle.keep_alive = False
        elif self.by_close or not cycle.keep_alive:
            cycle.keep_alive = False
            pairs.append((b"connection", b"close"))
        self._bodiless = status in _BODILESS or cycle.scope["method"] == "HEAD"
        if not self._bodiless and not self.by_close and b"content-length" not in given:
            self._chunked = cycle.scope["http_version"] != "1.0"
            if self._chunked and b"transfer-encoding" not in given:
                pairs.append((b"transfer-encoding", b"chunked"))
        self._head = b"".join((STATUS_LINE[status], *_lines(pairs), b"\r\n"))
        cycle.response_started = True

    def _put(self, body: bytes, *, more: bool) -> None:
        if self._bodiless:
            body = b""
        elif self._chunked:
            chunk = (b"%x\r\n" % len(body), body, b"\r\n") if body else ()
            body = b"".join((*chunk, b"" if more else b"0\r\n\r\n"))
        data = self._head + body if self._head else body
        self._head = b""
        if data:
            self._protocol.transport.write(data)
        if not more:
            self._complete()

    def _complete(self) -> None:
        cycle = self._cycle
        cycle.response_complete = True
        cycle.message_event.set()
        if not cycle.keep_alive:
            self._protocol.transport.close()
        cycle.on_response()


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> Iterable[bytes]:
    return (b"%b: %b\r\n" % pair for pair in headers)

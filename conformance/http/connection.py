"""One HTTP/1.1 connection on a bare socket, for what an HTTP library does not send or does not report.

It sends the bytes it is given and reads the answer leniently: what came, how it was framed and how it ended are facts for a
judge, never exceptions. It follows no redirects, pools nothing and decodes no content encodings.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus
from types import TracebackType
from typing import Self

from conformance.http.endpoint import Endpoint
from conformance.http.exchange import MOST_ANSWER, Ending, Headers, WireAnswer, first, upload_s

_READ = 64 * 1024
_WRITE = 64 * 1024
_MOST_HEAD = 1024 * 1024
_KEPT_OF_ENDLESS = 64 * 1024
_MOST_DIGITS = 18
_HEX_DIGITS = b"0123456789abcdefABCDEF"
_LINGER_S = 1.0
_STALL_S = 10.0
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
# HTTP gives these no body, whatever their headers say (RFC 9110, 6.4.1).
_BODILESS = frozenset({HTTPStatus.SWITCHING_PROTOCOLS, HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})


class Connection:
    """One TCP (or TLS) connection to a gateway. `timeout_s` bounds each of: connecting, a send, reading one answer.

    A send of a large body may take longer, and of an answer no more than MOST_ANSWER is read.

    Raises OSError where no connection can be made, and nothing after that.
    """

    def __init__(self, endpoint: Endpoint, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._buffer = bytearray()
        self._received = 0
        self._lost: Ending | None = None
        self._trouble: OSError | None = None
        self.head: tuple[int, Headers] | None = None
        self._socket = endpoint.open_socket(timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def send(self, data: bytes) -> bool:
        """Send all of it. False where the gateway has stopped listening: it may well have answered, so read on."""
        try:
            self._socket.settimeout(self._timeout_s + upload_s(data))
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def send_while_listening(self, data: memoryview, *, until_response: bool) -> memoryview:
        """Send, and take in what arrives meanwhile; returns the rest of `data` that was not sent.

        It ends when all is sent, when the connection is lost, and with `until_response` when a response begins. A gateway
        that takes nothing for ten seconds is lost as silent.
        """
        self._socket.setblocking(False)
        deadline = time.monotonic() + self._timeout_s + upload_s(data)
        stalled_at = time.monotonic() + _STALL_S
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while data and self._take_in_arrived() and not (until_response and self._buffer):
                try:
                    data = data[self._socket.send(data[:_WRITE]) :]
                    stalled_at = min(deadline, time.monotonic() + _STALL_S)
                except _NOT_NOW:
                    if time.monotonic() > stalled_at:
                        self._lost = Ending.SILENT
                    ready.select(timeout=0.05)
                except OSError:
                    # The gateway has stopped listening; what it answered before may still be there to be read.
                    break
        return data

    def await_bytes(self, timeout_s: float | None = None) -> bool:
        """Wait until the first bytes of a response are there, and leave them to be read. False where none come."""
        return bool(self._buffer) or self._fill(time.monotonic() + (timeout_s or self._timeout_s))

    def finish_sending(self) -> None:
        """Close our half; the gateway's answer can still be read. TLS has no halves: there it does nothing."""
        if not isinstance(self._socket, ssl.SSLSocket):
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)

    def read_answer(self, *, until_close: bool = False) -> WireAnswer | None:
        """Read the next final response; interim ones (1xx) are passed over. None where no whole head came.

        `until_close` reads on after the end that the framing declares, until the gateway closes; one that leaves the
        connection open is given a second of silence.
        """
        deadline = time.monotonic() + self._timeout_s
        self._received = len(self._buffer)
        while head := self._read_head(deadline):
            status, headers = head
            if not _is_interim(status):
                answer = self._read_body(status, headers, deadline)
                return self._read_rest(answer, deadline) if until_close else answer
        return None

    def read_answer_in_two(
        self, enough: Callable[[bytes], bool], within_s: float, between: Callable[[], None]
    ) -> tuple[bool, WireAnswer | None]:
        """Reads the next response until `enough` of its body is there, then calls `between` and reads the rest.

        The first of the pair says whether there was enough within so many seconds, before `between` was called.
        """
        until = time.monotonic() + within_s
        head = self._read_head(until)
        reached = head is not None and self._await_part(head[1], enough, until)
        between()
        deadline = time.monotonic() + self._timeout_s
        head = head or self._read_head(deadline)
        return reached, self._read_body(*head, deadline) if head else None

    def read_in_pieces(self) -> Iterator[bytes]:
        """The body of the next response as it comes, without its chunks; nothing of it is kept, however long it lasts.

        `head` is what came before it. Where it ends too soon, `lost` says how.
        """
        if (head := self._read_head(time.monotonic() + self._timeout_s)) is None:
            return
        self.head = head
        chunked = "chunked" in (first(head[1], "transfer-encoding") or "").lower()
        yield from self._chunks() if chunked else self._until_closed(_length(head[1]))

    def _chunks(self) -> Iterator[bytes]:
        while size := _chunk_size(self._read_line(time.monotonic() + self._timeout_s) or b""):
            self._received = 0
            if not self._have(size, time.monotonic() + self._timeout_s):
                return
            yield self._take(size)
            self._read_line(time.monotonic() + self._timeout_s)

    def _until_closed(self, length: int | None) -> Iterator[bytes]:
        while length is None or length > 0:
            self._received = 0
            if not self._buffer and not self._fill(time.monotonic() + self._timeout_s):
                return
            piece = self._take(min(len(self._buffer), length or len(self._buffer)))
            length = None if length is None else length - len(piece)
            yield piece

    def _await_part(self, headers: Headers, enough: Callable[[bytes], bool], deadline: float) -> bool:
        chunked = "chunked" in (first(headers, "transfer-encoding") or "").lower()
        while not enough(_unchunked(self._buffer) if chunked else bytes(self._buffer)):
            if not self._fill(deadline):
                return False
        return True

    @property
    def is_stirred(self) -> bool:
        """Whether something waits to be read on the socket, if only that the other side has closed it."""
        with selectors.PollSelector() as ready:
            ready.register(self._socket, selectors.EVENT_READ)
            return bool(ready.select(0))

    @property
    def answering(self) -> bool:
        """Whether bytes of a response have arrived that are not read yet."""
        return bool(self._buffer)

    @property
    def lost(self) -> Ending | None:
        """How reading broke off; None while the connection gives what is asked of it."""
        return self._lost

    @property
    def trouble(self) -> OSError | None:
        """The error of the operating system's, or of TLS, that reading broke off with."""
        return self._trouble

    @property
    def said(self) -> bytes:
        """What has arrived and was not read as part of a response."""
        return bytes(self._buffer)

    def _read_head(self, deadline: float) -> tuple[int, Headers] | None:
        while (found := _end_of_head(self._buffer)) is None:
            if len(self._buffer) > _MOST_HEAD or not self._fill(deadline):
                return None
        head = bytes(self._buffer[: found[0]])
        del self._buffer[: found[1]]
        return _parse_head(head)

    def _read_body(self, status: int, headers: Headers, deadline: float) -> WireAnswer:
        if status in _BODILESS:
            return WireAnswer(status, headers, b"", Ending.COMPLETE)
        if "chunked" in (first(headers, "transfer-encoding") or "").lower():
            body, whole = self._read_chunks(deadline)
        elif (length := _length(headers)) is not None:
            whole = self._have(length, deadline)
            body = self._take(length)
        else:
            while self._fill(deadline):
                pass
            body, whole = self._take(len(self._buffer)), self._lost is Ending.CLOSED
        if self._lost is Ending.ENDLESS:
            body = body[:_KEPT_OF_ENDLESS]
        return WireAnswer(status, headers, body, Ending.COMPLETE if whole else self._lost or Ending.CLOSED)

    def _read_chunks(self, deadline: float) -> tuple[bytes, bool]:
        body = bytearray()
        while (line := self._read_line(deadline)) is not None:
            size = _chunk_size(line)
            if size is None:
                return bytes(body), False
            if size == 0:
                return bytes(body), self._read_trailers(deadline)
            if not self._have(size, deadline):
                return bytes(body + self._take(size)), False
            body += self._take(size)
            self._read_line(deadline)
        return bytes(body), False

    def _read_trailers(self, deadline: float) -> bool:
        while line := self._read_line(deadline):
            pass
        return line is not None

    def _read_line(self, deadline: float) -> bytes | None:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MOST_HEAD or not self._fill(deadline):
                return None
        return self._take(end + 1).rstrip(b"\r\n")

    def _read_rest(self, answer: WireAnswer, deadline: float) -> WireAnswer:
        closing = "close" in (first(answer.headers, "connection") or "").lower()
        until = deadline if closing else min(deadline, time.monotonic() + _LINGER_S)
        while self._fill(until):
            pass
        surplus = self._take(len(self._buffer))
        if self._lost is Ending.ENDLESS:
            surplus = surplus[:_KEPT_OF_ENDLESS]
        return replace(answer, surplus=surplus, connection=self._lost)

    def _have(self, size: int, deadline: float) -> bool:
        while len(self._buffer) < size:
            if not self._fill(deadline):
                return False
        return True

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, deadline: float) -> bool:
        """Read once. False where nothing more comes; `lost` is then the reason."""
        if self._lost not in {None, Ending.SILENT}:
            return False
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            self._lost = Ending.SILENT
            return False
        try:
            self._socket.settimeout(left_s)
            self._take_in(self._socket.recv(_READ))
        except TimeoutError:
            self._lost = Ending.SILENT
        except OSError as trouble:
            self._lost, self._trouble = Ending.RESET, trouble
        return self._lost is None

    def _take_in_arrived(self) -> bool:
        """Take in whatever has arrived on a socket that does not block. False where the connection is lost."""
        while self._lost is None:
            try:
                data = self._socket.recv(_READ)
            except _NOT_NOW:
                return True
            except OSError:
                self._lost = Ending.RESET
            else:
                self._take_in(data)
        return False

    def _take_in(self, data: bytes) -> None:
        self._buffer += data
        self._received += len(data)
        self._lost = None if data else Ending.CLOSED
        if self._received > MOST_ANSWER:
            self._lost = Ending.ENDLESS


def _end_of_head(buffer: bytearray) -> tuple[int, int] | None:
    """Where the head's text ends and where the body begins; None while the blank line is not there."""
    ends = [(at, at + len(blank)) for blank in (b"\r\n\r\n", b"\n\n") if (at := buffer.find(blank)) >= 0]
    return min(ends, default=None)


def _parse_head(head: bytes) -> tuple[int, Headers] | None:
    status_line, *lines = head.decode("latin-1").replace("\r\n", "\n").split("\n")
    version, _, rest = status_line.partition(" ")
    code = rest[:3]
    if not version.startswith("HTTP/") or not (code.isascii() and code.isdigit()):
        return None
    pairs = (line.partition(":") for line in lines if ":" in line)
    return int(code), tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _unchunked(buffer: bytearray) -> bytes:
    """As much of a body as its chunks so far hold."""
    body, rest = bytearray(), bytes(buffer)
    while b"\n" in rest:
        line, _, rest = rest.partition(b"\n")
        size = _chunk_size(line)
        if not size:
            break
        body += rest[:size]
        rest = rest[size:].removeprefix(b"\r\n")
    return bytes(body)


def _is_interim(status: int) -> bool:
    """1xx, after which the final response follows; 101 is final, as what follows is no HTTP."""
    return status // 100 == 1 and status != HTTPStatus.SWITCHING_PROTOCOLS


def _length(headers: Headers) -> int | None:
    value = first(headers, "content-length")
    sensible = value is not None and value.isascii() and value.isdigit() and len(value.lstrip("0")) <= _MOST_DIGITS
    return int(value) if value is not None and sensible else None


def _chunk_size(line: bytes) -> int | None:
    """The size that a chunk's first line announces; None where it announces none."""
    digits = line.partition(b";")[0].strip()
    sensible = 0 < len(digits) <= _MOST_DIGITS and not digits.strip(_HEX_DIGITS)
    return int(digits, 16) if sensible else None

"""Requests written out as HTTP/1.1 bytes and sent on connections of their own, in the pieces that a check asks for.

A response that no HTTP client could read (no status line) comes back as an exchange without an answer.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from conformance.http.client import Gateway
from conformance.http.connection import Connection
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Ending, Exchange, Request, WireExchange, upload_s

_CHUNK = 64 * 1024


def serialise(request: Request, endpoint: Endpoint, *, close: bool = True) -> tuple[bytes, bytes]:
    """The request's head and body as HTTP/1.1 bytes for the way to `endpoint`, with the headers that every request needs.

    A framing header among its own headers is left as it is.
    """
    return _head(request, endpoint, close=close), b"".join(_framed(request))


def in_pieces(request: Request, endpoint: Endpoint, *, close: bool = True) -> Iterator[bytes]:
    """The same, in pieces of at most about a megabyte: for a body that is too large to be held whole."""
    yield _head(request, endpoint, close=close)
    yield from _framed(request)


def _head(request: Request, endpoint: Endpoint, *, close: bool) -> bytes:
    url = urlsplit(request.url)
    given = {name.lower() for name, _ in request.headers}
    own = {"Host": url.netloc.rpartition("@")[2], "Connection": "close" if close else "keep-alive"}
    own |= {"Accept-Encoding": "identity"} if "accept-encoding" not in given else {}
    own |= {"Transfer-Encoding": "chunked"} if request.chunked else {}
    if not request.chunked and "transfer-encoding" not in given:
        own["Content-Length"] = str(request.size)
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    if endpoint.forwards:
        target = f"{url.scheme}://{url.netloc.rpartition('@')[2]}{target}"
    headers = (*request.headers, *endpoint.missing_headers(request))
    lines = [f"{request.method} {target} HTTP/1.1".encode()]
    lines += [f"{name}: {value}".encode() for name, value in own.items() if name.lower() not in given]
    lines += [name.encode("latin-1") + b": " + value.encode("utf-8", "surrogateescape") for name, value in headers]
    return b"\r\n".join([*lines, b"", b""])


def split(data: bytes, size: int) -> Iterator[bytes]:
    """The bytes in pieces of `size`."""
    for start in range(0, len(data), size):
        yield data[start : start + size]


def converse(  # noqa: PLR0913 - each is one fact of how it is sent
    gateway: Gateway,
    request: Request,
    *,
    pieces: Iterable[bytes] | None = None,
    pause_s: float = 0.0,
    limited: bool = False,
    provoked: bool = False,
) -> WireExchange:
    """Send a request on a connection of its own, asking to close, and read everything until the gateway has closed.

    `pieces` are sent instead of the request's own bytes, `pause_s` apart. The limits are kept and the gateway's own
    refusal for a limit is waited for as `Gateway.send` does, unless `limited` takes it as it comes; `provoked` is that of
    `Gateway.within_limits`. Raises Blocked where the gateway's limit or its death is in the way.
    """
    sent = list(pieces) if pieces is not None else list(serialise(request, gateway.endpoint))
    results: list[WireExchange] = []

    def attempt(timeout_s: float) -> Exchange:
        results.append(_converse_once(gateway.endpoint, request, sent, pause_s, timeout_s))
        return results[-1].exchange

    while True:
        exchange = gateway.within_limits(attempt, provoked=provoked)
        if limited or not exchange.over_limit:
            return results[-1]
        gateway.wait_for_limit(exchange)


def _converse_once(
    endpoint: Endpoint, request: Request, pieces: list[bytes], pause_s: float, timeout_s: float
) -> WireExchange:
    started = time.monotonic()

    def none(reason: str, *, timed_out: bool = False, refused: bool = False) -> WireExchange:
        elapsed_s = time.monotonic() - started
        return WireExchange(Exchange(request, None, reason, elapsed_s, timed_out=timed_out, refused=refused), None)

    try:
        with Connection(endpoint, timeout_s) as connection:
            _send_pieces(connection, pieces, pause_s, started + timeout_s)
            wire = connection.read_answer(until_close=True)
    except TimeoutError:
        return none(f"no connection within {timeout_s:g} s", timed_out=True)
    except OSError as trouble:
        return none(f"connection refused ({trouble})", refused=True)
    if wire is None:
        lost = connection.lost
        return none(f"no answer: the connection was {lost or 'given no HTTP'}", timed_out=lost is Ending.SILENT)
    return WireExchange(Exchange(request, wire.answer, None, time.monotonic() - started), wire)


def _send_pieces(connection: Connection, pieces: list[bytes], pause_s: float, until: float) -> None:
    """Sends what can be sent; a gateway that takes the pieces too slowly has had its time."""
    until += sum(upload_s(piece) + pause_s for piece in pieces)
    for number, piece in enumerate(pieces):
        if number and pause_s:
            time.sleep(pause_s)
        if time.monotonic() > until or (piece and not connection.send(piece)):
            return


def _framed(request: Request) -> Iterator[bytes]:
    if not request.chunked:
        yield from request.pieces()
        return
    for data in request.pieces():
        yield b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in split(data, _CHUNK))
    yield b"0\r\n\r\n"

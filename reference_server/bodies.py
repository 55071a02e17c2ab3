"""Reads a request's body in pieces, within bounds of size and time, without holding it whole.

Contract: rulings, Statuses, "body over the gateway's size limit".
"""

from __future__ import annotations

import asyncio
import mmap
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any

from reference_server.errors import BodyTooLarge, BodyTooSlow, MalformedBody

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from litestar import Request

# Below this a body stays in memory; above, it goes to a temporary file.
SPOOL_BYTES = 256 * 1024


def spool() -> SpooledTemporaryFile[bytes]:
    """A file that moves to disk when it grows; whoever opens it closes it."""
    return SpooledTemporaryFile(max_size=SPOOL_BYTES)


async def pieces(request: Request[Any, Any, Any], max_bytes: int, within_s: float) -> AsyncIterator[bytes]:
    """The body as it arrives.

    Raises BodyTooLarge before reading when the declared length says so, else as soon as the bytes do; BodyTooSlow when
    the whole has not arrived `within_s` seconds; MalformedBody when the client breaks off.
    """
    if _declared_length(request) > max_bytes:
        raise BodyTooLarge(max_bytes)
    received = 0
    deadline = asyncio.get_running_loop().time() + within_s
    more = True
    while more:
        piece, more = await _next_piece(request, deadline, within_s)
        received += len(piece)
        if received > max_bytes:
            raise BodyTooLarge(max_bytes)
        if piece:
            yield piece


async def _next_piece(request: Request[Any, Any, Any], deadline: float, within_s: float) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout_at(deadline):
            event = await request.receive()
    except TimeoutError:
        raise BodyTooSlow(within_s) from None
    if event["type"] != "http.request":
        raise MalformedBody("The body broke off before its end. Send it whole.")
    return event.get("body", b""), event.get("more_body", False)


def _declared_length(request: Request[Any, Any, Any]) -> int:
    value = request.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() else 0


@contextmanager
def contents(file: SpooledTemporaryFile[bytes], size: int) -> Iterator[bytes | mmap.mmap]:
    """The spooled bytes as one buffer: from memory when small, else mapped from disk rather than read."""
    if size <= SPOOL_BYTES:
        file.seek(0)
        yield file.read()
        return
    file.flush()
    # Not closed here: values decoded from it may point into it until they are gone too.
    yield mmap.mmap(file.fileno(), size, access=mmap.ACCESS_READ)

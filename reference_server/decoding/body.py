"""Reads a request's body in pieces, within bounds of size and time, without holding it whole.

Contract: rulings, Statuses, "body over the gateway's size limit".
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile

from reference_server.deadlines import TimeLimit
from reference_server.errors import BodyTooLarge, BodyTooSlow, MalformedBody
from reference_server.incoming import Incoming

# Room beside the file: the other fields, part headers, JSON syntax.
ROOM_BYTES = 2 * 1024 * 1024
# Below this a body stays in memory; above, it goes to a temporary file.
SPOOL_BYTES = 256 * 1024
_HEAD_BYTES = 64


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a body is read: bytes of the decoded file, and the time until the whole body has arrived."""

    max_upload_bytes: int
    time: TimeLimit

    @property
    def max_form_bytes(self) -> int:
        """Bytes of a form with the largest file."""
        return self.max_upload_bytes + ROOM_BYTES

    @property
    def max_json_bytes(self) -> int:
        """Bytes of a JSON body with the largest file in base64."""
        return self.max_upload_bytes * 4 // 3 + ROOM_BYTES


def spool() -> SpooledTemporaryFile[bytes]:
    """A file that moves to disk when it grows; whoever opens it closes it."""
    return SpooledTemporaryFile(max_size=SPOOL_BYTES)


class Body:
    """A request's body, read once. `head` is its first bytes, for an error that says what it looks like."""

    def __init__(self, request: Incoming, max_bytes: int, within: TimeLimit) -> None:
        self.head = b""
        self._request = request
        self._max_bytes = max_bytes
        self._within = within

    @property
    def content_encoding(self) -> str:
        """What the client says it did to the body; empty for nothing."""
        return self._request.header(b"content-encoding").strip().lower().replace("identity", "")

    async def read(self, take: Callable[[bytes], object]) -> None:
        """Hands each piece of the body to `take`, as it is received.

        Raises BodyTooLarge before reading when the declared length says so, else as soon as the bytes do; BodyTooSlow
        when the whole has not arrived in time; MalformedBody when the client breaks off.
        """
        if _declared_length(self._request) > self._max_bytes:
            raise BodyTooLarge(self._max_bytes)
        try:
            with self._within.applied():
                await self._pieces(take)
        except TimeoutError:
            raise BodyTooSlow(self._within.seconds) from None

    async def _pieces(self, take: Callable[[bytes], object]) -> None:
        received, more = 0, True
        while more:
            event = await self._request.receive()
            if event["type"] != "http.request":
                raise MalformedBody("The body broke off before its end. Send it whole.")
            piece, more = event.get("body", b""), event.get("more_body", False)
            received += len(piece)
            if received > self._max_bytes:
                raise BodyTooLarge(self._max_bytes)
            if piece:
                if len(self.head) < _HEAD_BYTES:
                    self.head = (self.head + piece[:_HEAD_BYTES])[:_HEAD_BYTES]
                take(piece)


def _declared_length(request: Incoming) -> int:
    value = request.header(b"content-length")
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

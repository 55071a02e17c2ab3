"""HTTP/1.1 over a bare asyncio connection: cheap enough for thousands at once, and free to send what no library would."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMIT = 2**20  # of a line, and of what is read ahead
_BODILESS = (204, 304)


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Address:
        """The address in a URL."""
        parts = urlsplit(url)
        return cls(parts.hostname or "", parts.port or 80)


class ConnectionEnded(Exception):
    """The server ended the connection within an answer, or before one."""

    def __init__(self, received: bytes) -> None:
        super().__init__(f"ended after {received[:80]!r}")
        self.received = received


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer; header names in lower case, the last of equal ones."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, decoded. Raises ValueError."""
        return json.loads(self.body)

    @property
    def code(self) -> str | None:
        """The ``code`` of the error envelope, if this is one."""
        try:
            code = self.json()["error"]["code"]
        except (ValueError, KeyError, TypeError):
            return None
        return code if isinstance(code, str) else None

    @property
    def closes(self) -> bool:
        """Whether the server said that it closes the connection."""
        return self.headers.get("connection", "").lower() == "close"


def request(  # noqa: PLR0913 - a request has so many parts
    path: str,
    *,
    token: str = "",
    method: str = "POST",
    body: bytes = b"",
    content_type: str = "application/json",
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A well-formed request as it goes over the wire."""
    pairs = {"Host": "gateway.test"}
    if token:
        pairs["Authorization"] = f"Bearer {token}"
    if body:
        pairs |= {"Content-Type": content_type, "Content-Length": str(len(body))}
    lines = [
        f"{method} {path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in (pairs | dict(headers or {})).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One connection. ``async with await Connection.open(address)`` closes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def open(cls, address: Address) -> Self:
        """Connect. Raises OSError."""
        return cls(*await asyncio.open_connection(address.host, address.port, limit=_LIMIT))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection up, without waiting."""
        self._writer.close()

    async def send(self, data: bytes) -> None:
        """Send bytes as they are. Raises OSError when the server has gone."""
        self._writer.write(data)
        await self._writer.drain()

    def finish_sending(self) -> None:
        """Close the sending half."""
        self._writer.write_eof()

    async def ask(self, data: bytes) -> Answer:
        """Send one request and return its answer."""
        await self.send(data)
        return await self.answer()

    async def answer(self) -> Answer:
        """Return the next answer, interim ones skipped. Raises ConnectionEnded, OSError."""
        status, headers = await self.head()
        return Answer(status, headers, await self.body(status, headers))

    async def head(self) -> tuple[int, dict[str, str]]:
        """Return status and headers of the next answer, as soon as they are there."""
        while True:
            status, headers = await self._any_head()
            if status >= 200:
                return status, headers

    async def _any_head(self) -> tuple[int, dict[str, str]]:
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as error:
            raise ConnectionEnded(error.partial) from None
        line, *pairs = head.decode("latin-1").split("\r\n")
        split = (pair.partition(":") for pair in pairs if pair)
        return int(line.split()[1]), {name.lower(): value.strip() for name, _, value in split}

    async def body(self, status: int, headers: Mapping[str, str]) -> bytes:
        """Return the body that belongs to a head."""
        try:
            if headers.get("transfer-encoding", "").lower() == "chunked":
                return await self._chunks()
            if "content-length" in headers:
                return await self._reader.readexactly(int(headers["content-length"]))
        except asyncio.IncompleteReadError as error:
            raise ConnectionEnded(error.partial) from None
        return b"" if status in _BODILESS else await self._reader.read()

    async def _chunks(self) -> bytes:
        body = b""
        while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
            body += await self._reader.readexactly(size)
            await self._reader.readuntil(b"\r\n")
        await self._reader.readuntil(b"\r\n")
        return body

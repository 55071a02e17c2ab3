"""What carries requests to a provider: one POST, its response whole or as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from reference_server.upstreams.multipart_writer import MultipartWriter
from reference_server.upstreams.protocol import ProviderFailed

MOST_RESPONSE_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WholeResponse:
    """A provider's response. Names in `headers` are compared in any letter case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class OpenResponse(Protocol):
    """A provider's response whose body is still to come. Whoever has it closes it."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    def pieces(self) -> AsyncIterator[bytes]:
        """The body, in the pieces in which it arrives. Raises ProviderFailed where it breaks off."""
        ...

    async def close(self) -> None:
        """Frees the connection; one whose body was not read to its end is closed."""
        ...


Content = bytes | MultipartWriter
"""The body of a request."""


class Connections(Protocol):
    """What carries a POST to a provider."""

    async def post(self, url: str, headers: dict[str, str], content: Content) -> WholeResponse:
        """Sends a request once, and reads its whole response, within bounds. Raises ProviderFailed."""
        ...

    async def open(self, url: str, headers: dict[str, str], content: Content) -> OpenResponse:
        """Sends a request once, and reads the head of its response; a redirect is not followed. Raises ProviderFailed."""
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...


async def read(response: OpenResponse) -> bytes:
    """The whole body, within bounds. Raises ProviderFailed."""
    if len(known := response.headers.get("content-length", "").lstrip("0")) > len(str(MOST_RESPONSE_BYTES)):
        raise ProviderFailed(f"a response of {known[:20]} bytes")
    body = bytearray()
    async for piece in response.pieces():
        body += piece
        if len(body) > MOST_RESPONSE_BYTES:
            raise ProviderFailed(f"a response of more than {MOST_RESPONSE_BYTES} bytes")
    return bytes(body)

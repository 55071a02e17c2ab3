"""Connections to a provider: one POST, its whole response.

aiohttp, because what its client costs per call is a fraction of the others' (`benchmarks.gateway_cost`, "forwarding").
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from yarl import URL

from reference_server.upstreams.multipart_writer import MultipartWriter
from reference_server.upstreams.protocol import ProviderFailed

# An idle connection is given up sooner than servers usually do (5 s and more): one that the provider closes just as it
# is used again would cost a request, for a request is never sent twice.
_IDLE_S = 3.0
MOST_RESPONSE_BYTES = 256 * 1024 * 1024
_MAX_HEADER_BYTES = 64 * 1024
_CONNECTION_ERRORS = (aiohttp.ClientError, ConnectionError, ValueError)


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


class PooledConnections:
    """A pool that grows as needed and keeps connections for some seconds. Each call is bounded in time from outside.

    The environment's proxies (`HTTPS_PROXY` and its like) are used, but never to reach this machine itself.
    """

    def __init__(self, base_url: str) -> None:
        self._uses_proxies = not _is_loopback(base_url)
        self._opened: aiohttp.ClientSession | None = None

    async def post(self, url: str, headers: dict[str, str], content: Content) -> WholeResponse:
        response = await self.open(url, headers, content)
        try:
            return WholeResponse(response.status, response.headers, await read(response))
        finally:
            await response.close()

    async def open(self, url: str, headers: dict[str, str], content: Content) -> OpenResponse:
        data = content if isinstance(content, bytes) else content.body()
        try:
            response = await self._session().post(
                URL(url, encoded=True), headers=headers, data=data, allow_redirects=False
            )
        except _CONNECTION_ERRORS as error:
            raise _failed(error) from None
        return _PooledResponse(response)

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    def _session(self) -> aiohttp.ClientSession:
        """Opened at first use, inside the running event loop."""
        if self._opened is None:
            self._opened = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                trust_env=self._uses_proxies,
                skip_auto_headers={"Accept", "Accept-Encoding", "User-Agent", "Content-Type"},
                max_line_size=_MAX_HEADER_BYTES,
                max_field_size=_MAX_HEADER_BYTES,
            )
        return self._opened


class _PooledResponse:
    """A response of aiohttp's."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._response = response

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.content.iter_any():
                yield piece
        except _CONNECTION_ERRORS as error:
            raise _failed(error) from None

    async def close(self) -> None:
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()


def _failed(error: Exception) -> ProviderFailed:
    return ProviderFailed(f"{type(error).__name__}: {error}")


def _is_loopback(url: str) -> bool:
    host = URL(url).host or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")

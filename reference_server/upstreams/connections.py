"""Connections to a provider: one POST, its whole response.

aiohttp, because what its client costs per call is a fraction of the others' (`benchmarks.gateway_cost`, "forwarding").
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import httpx
from yarl import URL

from reference_server.upstreams.protocol import ProviderFailed

# An idle connection is given up sooner than servers usually do (5 s and more): one that the provider closes just as it
# is used again would cost a request, for a request is never sent twice.
_IDLE_S = 3.0
_MAX_RESPONSE_BYTES = 256 * 1024 * 1024
_MAX_HEADER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class WholeResponse:
    """A provider's response. Names in `headers` are compared in any letter case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connections(Protocol):
    """What carries a POST to a provider."""

    async def post(self, url: str, headers: dict[str, str], content: bytes | AsyncIterable[bytes]) -> WholeResponse:
        """Sends a request once, and reads its whole response; a redirect is not followed. Raises ProviderFailed."""
        ...

    async def close(self) -> None:
        """Closes all connections."""
        ...


class PooledConnections:
    """A pool that grows as needed and keeps connections for some seconds. Each call is bounded in time from outside.

    The environment's proxies (`HTTPS_PROXY` and its like) are used, but never to reach this machine itself.
    """

    def __init__(self, base_url: str) -> None:
        self._uses_proxies = not _is_loopback(base_url)
        self._opened: aiohttp.ClientSession | None = None

    async def post(self, url: str, headers: dict[str, str], content: bytes | AsyncIterable[bytes]) -> WholeResponse:
        try:
            return await self._post(URL(url, encoded=True), headers, content)
        except (aiohttp.ClientError, ConnectionError, ValueError) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from None

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _post(self, url: URL, headers: dict[str, str], content: bytes | AsyncIterable[bytes]) -> WholeResponse:
        async with self._session().post(url, headers=headers, data=content, allow_redirects=False) as response:
            if len(known := response.headers.get("content-length", "")) > len(str(_MAX_RESPONSE_BYTES)):
                raise ProviderFailed(f"a response of {known[:20]} bytes")
            return WholeResponse(response.status, response.headers, await _read(response))

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


class TransportConnections:
    """What is carried by an httpx transport instead of the network, such as one to an application in this process."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        unbounded = httpx.Timeout(None)  # each call is bounded from outside
        self._client = httpx.AsyncClient(transport=transport, timeout=unbounded, trust_env=False)

    async def post(self, url: str, headers: dict[str, str], content: bytes | AsyncIterable[bytes]) -> WholeResponse:
        try:
            response = await self._client.post(url, headers=headers, content=content)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from None
        return WholeResponse(response.status_code, response.headers, response.content)

    async def close(self) -> None:
        await self._client.aclose()


def _is_loopback(url: str) -> bool:
    host = URL(url).host or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _MAX_RESPONSE_BYTES:
            raise ProviderFailed(f"a response of more than {_MAX_RESPONSE_BYTES} bytes")
    return bytes(body)

"""Connections to a provider over the network.

aiohttp, because what its client costs per call is a fraction of the others' (`benchmarks.gateway_cost`, "forwarding").
"""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Mapping

import aiohttp
from yarl import URL

from reference_server.upstreams.connections import Content, OpenResponse, WholeResponse, read
from reference_server.upstreams.protocol import ProviderFailed

# An idle connection is given up sooner than servers usually do (5 s and more): one that the provider closes just as it
# is used again would cost a request, for a request is never sent twice.
_IDLE_S = 3.0
_MAX_HEADER_BYTES = 64 * 1024
_CONNECTION_ERRORS = (aiohttp.ClientError, ConnectionError, ValueError)


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

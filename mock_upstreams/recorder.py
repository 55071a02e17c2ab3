"""Answers with what a real provider answers, and keeps it: the mock as a proxy that takes notes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from mock_upstreams.answers import Answer
from mock_upstreams.errors import ConfigurationError, MockProviderError
from mock_upstreams.recordings import asked_by

if TYPE_CHECKING:
    from mock_upstreams.arrivals import Arrival
    from mock_upstreams.faces import Face
    from mock_upstreams.recordings import Recording

__all__ = ["RecorderAnswering"]

_TIMEOUT_S = 600.0
_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_NOT_SENT_ON = _HOP_BY_HOP | {"host", "content-length", "accept-encoding", "expect"}
_NOT_KEPT = _HOP_BY_HOP | {"content-length", "content-encoding", "set-cookie", "date", "server"}
_KEY_HEADERS = frozenset({"authorization", "api-key"})
_TELLING = frozenset({"openai-organization", "openai-project"})
_REDACTED = "[redacted]"


class RecorderAnswering:
    """Sends each call on to ``upstream``; ``key`` takes the place of the caller's, where one is given.

    Whatever is kept, and so whatever is answered, has neither key in it.
    """

    keeps_raw = True

    def __init__(self, upstream: str, recording: Recording, key: str | None = None) -> None:
        parts = urlsplit(upstream)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise ConfigurationError(f"{upstream!r} is no URL of a provider", hint="such as https://api.openai.com")
        self._upstream = upstream.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._recording = recording
        self._key = key
        self._client: httpx.AsyncClient | None = None
        recording.prepare()

    async def answer(self, arrival: Arrival, face: Face) -> Answer:
        """Return the provider's answer. Raises MockProviderError (502) where it cannot be reached."""
        headers = self._headers(arrival, face)
        url = self._url(arrival)
        try:
            response = await self._http().request(arrival.method, url, headers=headers, content=arrival.body.raw or b"")
        except httpx.TransportError as error:
            message = f"The provider to be recorded does not answer: {error!r}."
            raise MockProviderError(message, status=502, kind="server_error", code="upstream_unreachable") from error
        answer = _without(_secrets_in(arrival, self._key), _answer(response))
        await asyncio.to_thread(self._recording.add, asked_by(arrival), answer)
        return answer

    async def close(self) -> None:
        """Close the connections to the provider."""
        if self._client is not None:
            await self._client.aclose()

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:  # made on the event loop that will use it
            self._client = httpx.AsyncClient(timeout=_TIMEOUT_S)
        return self._client

    def _url(self, arrival: Arrival) -> str:
        """Return where the call goes; a path that the upstream's URL already ends with is not said twice."""
        path = arrival.path.removeprefix(self._prefix) if self._prefix else arrival.path
        return f"{self._upstream}{path}" + (f"?{arrival.query_string}" if arrival.query_string else "")

    def _headers(self, arrival: Arrival, face: Face) -> list[tuple[str, str]]:
        dropped = _NOT_SENT_ON | (_KEY_HEADERS if self._key else frozenset())
        headers = [(name, value) for name, value in arrival.headers if name not in dropped]
        headers.append(("accept-encoding", "identity"))
        if self._key:
            own = ("api-key", self._key) if face.name == "azure" else ("authorization", f"Bearer {self._key}")
            headers.append(own)
        return headers


def _answer(response: httpx.Response) -> Answer:
    kept = tuple((name.lower(), value) for name, value in response.headers.multi_items())
    headers = tuple((name, _REDACTED if name in _TELLING else value) for name, value in kept if name not in _NOT_KEPT)
    chunked = "content-length" not in response.headers
    return Answer(response.status_code, headers, (response.content,), chunked, complete=True)


def _secrets_in(arrival: Arrival, key: str | None) -> list[str]:
    sent = (arrival.header(name) or "" for name in _KEY_HEADERS)
    keys = [value.removeprefix("Bearer ").strip() for value in sent]
    return [secret for secret in (*keys, key) if secret]


def _without(secrets: list[str], answer: Answer) -> Answer:
    """Return the answer with every secret struck out, wherever the provider repeated it."""
    body, headers = answer.body, answer.headers
    for secret in secrets:
        body = body.replace(secret.encode(), _REDACTED.encode())
        headers = tuple((name, value.replace(secret, _REDACTED)) for name, value in headers)
    return replace(answer, headers=headers, pieces=(body,) if body else ())

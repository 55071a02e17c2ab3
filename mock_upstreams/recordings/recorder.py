"""Forwards requests to a real provider and records its responses: the mock as a recording proxy."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx
from msgspec.structs import replace

from mock_upstreams.errors import InvalidConfiguration, ProviderRefusal
from mock_upstreams.faces import Face
from mock_upstreams.recordings.store import Recording, recorded_request
from mock_upstreams.requests import ReceivedRequest
from mock_upstreams.responses import Response

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
_NOT_FORWARDED = _HOP_BY_HOP | {"host", "content-length", "accept-encoding", "expect"}
_NOT_RECORDED = _HOP_BY_HOP | {"content-length", "content-encoding", "set-cookie", "date", "server"}
_KEY_HEADERS = frozenset({"authorization", "api-key"})
_IDENTIFYING = frozenset({"openai-organization", "openai-project"})
_REDACTED = "[redacted]"


class RecordingResponder:
    """Forwards each request to `upstream`; `key` replaces the caller's, where one is given.

    What is recorded, and so what is sent, has neither key in it.
    """

    needs_raw = True

    def __init__(self, upstream: str, recording: Recording, key: str | None = None) -> None:
        parts = urlsplit(upstream)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise InvalidConfiguration(f"{upstream!r} is no URL of a provider", hint="such as https://api.openai.com")
        self._upstream = upstream.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._recording = recording
        self._key = key
        self._client: httpx.AsyncClient | None = None
        recording.prepare()

    async def response(self, request: ReceivedRequest, face: Face) -> Response:
        """Returns the provider's response. Raises ProviderRefusal (502) where it cannot be reached."""
        headers = self._headers(request, face)
        url = self._url(request)
        try:
            received = await self._http().request(request.method, url, headers=headers, content=request.body.raw or b"")
        except httpx.TransportError as error:
            message = f"The provider to be recorded does not respond: {error!r}."
            raise ProviderRefusal(message, status=502, kind="server_error", code="upstream_unreachable") from error
        response = _without(_secrets_in(request, self._key), _response(received))
        await asyncio.to_thread(self._recording.add, recorded_request(request), response)
        return response

    async def close(self) -> None:
        """Closes the connections to the provider."""
        if self._client is not None:
            await self._client.aclose()

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:  # made on the event loop that will use it
            self._client = httpx.AsyncClient(timeout=_TIMEOUT_S)
        return self._client

    def _url(self, request: ReceivedRequest) -> str:
        """Returns the URL to request; a path that the upstream's URL already ends with is not repeated."""
        path = request.path.removeprefix(self._prefix) if self._prefix else request.path
        return f"{self._upstream}{path}" + (f"?{request.query_string}" if request.query_string else "")

    def _headers(self, request: ReceivedRequest, face: Face) -> list[tuple[str, str]]:
        dropped = _NOT_FORWARDED | (_KEY_HEADERS if self._key else frozenset())
        headers = [(name, value) for name, value in request.headers if name not in dropped]
        headers.append(("accept-encoding", "identity"))
        if self._key:
            own = ("api-key", self._key) if face.name == "azure" else ("authorization", f"Bearer {self._key}")
            headers.append(own)
        return headers


def _response(received: httpx.Response) -> Response:
    kept = tuple((name.lower(), value) for name, value in received.headers.multi_items())
    headers = tuple(
        (name, _REDACTED if name in _IDENTIFYING else value) for name, value in kept if name not in _NOT_RECORDED
    )
    chunked = "content-length" not in received.headers
    return Response(received.status_code, headers, (received.content,), chunked, complete=True)


def _secrets_in(request: ReceivedRequest, key: str | None) -> list[str]:
    sent = (request.header(name) or "" for name in _KEY_HEADERS)
    keys = [value.removeprefix("Bearer ").strip() for value in sent]
    return [secret for secret in (*keys, key) if secret]


def _without(secrets: list[str], response: Response) -> Response:
    """Returns the response with every secret redacted, wherever the provider repeated it."""
    body, headers = response.body, response.headers
    for secret in secrets:
        body = body.replace(secret.encode(), _REDACTED.encode())
        headers = tuple((name, value.replace(secret, _REDACTED)) for name, value in headers)
    return replace(response, headers=headers, pieces=(body,) if body else ())

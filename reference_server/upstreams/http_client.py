"""The dialect that OpenAI and Azure OpenAI share: one POST per operation, its body out, its response in.

Addresses and keys are the adapters' business. Contract: rulings, Provider side; Statuses (provider failures).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import AsyncIterable, Mapping
from typing import Any

import httpx
import msgspec

from reference_server.decoding.header_values import parse
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.upstreams.multipart_writer import MultipartWriter
from reference_server.upstreams.protocol import (
    MOCK_TRANSCRIPT,
    ProviderFailed,
    SpeechResponse,
    TranscriptResponse,
    transcript_source,
)
from reference_server.upstreams.provider_errors import refusal_of

# An idle connection is given up sooner than servers usually do (5 s and more): one that the provider closes just as it
# is used again would cost a request, for a request is never sent twice.
_IDLE_S = 3.0
_MAX_RESPONSE_BYTES = 256 * 1024 * 1024
_DOCUMENTS = frozenset({"text", "srt", "vtt"})
_RETRY_AFTER = re.compile(r"\d{1,9}|[A-Z][a-z]{2}, [0-9A-Za-z: ]{1,30}")


class HttpClient:
    """A pool of connections to the provider at `base_url`. The gateway bounds the time of each call from outside.

    The environment's proxies (`HTTPS_PROXY` and its like) are used, but never to reach this machine itself.
    `transport` takes the place of the network.
    """

    def __init__(
        self, base_url: str, headers: Mapping[str, str], transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._transport = transport
        self._uses_proxies = not _is_loopback(base_url)
        self._headers = {"User-Agent": "audio-reference-server", "Accept-Encoding": "identity", **headers}
        self._opened: httpx.AsyncClient | None = None

    async def synthesize(self, url: str, request: SpeechRequest) -> SpeechResponse:
        """Sends the fields that the client sent, as JSON. Raises ProviderRefused, ProviderFailed."""
        fields = {name: value for name, value in msgspec.structs.asdict(request).items() if value is not None}
        headers = {"Content-Type": "application/json"}
        response, body = await self._post(url, headers, msgspec.json.encode(fields))
        return SpeechResponse(body, _media_type(response))

    async def transcribe(self, url: str, request: TranscriptionRequest) -> TranscriptResponse:
        """Sends the recording and the fields that the client sent, as a form. Raises ProviderRefused, ProviderFailed."""
        form = MultipartWriter(_form_fields(request), request.audio)
        response, body = await self._post(url, form.headers, form.body())
        document = _document(request.response_format, _media_type(response), body)
        return TranscriptResponse(document, transcript_source(response.headers.get(MOCK_TRANSCRIPT)))

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.aclose()

    async def _post(
        self, url: str, headers: dict[str, str], content: bytes | AsyncIterable[bytes]
    ) -> tuple[httpx.Response, bytes]:
        try:
            async with self._client().stream("POST", url, headers=headers, content=content) as response:
                body = await _read(response)
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            raise ProviderFailed(f"{type(error).__name__}: {error}") from None
        if response.status_code >= 400:
            raise refusal_of(response.status_code, body, _retry_after(response))
        if response.status_code != 200:
            raise ProviderFailed(f"a response of status {response.status_code}")
        return response, body

    def _client(self) -> httpx.AsyncClient:
        """Opened at first use, inside the running event loop; building one loads certificates, which takes a while."""
        if self._opened is None:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=128, keepalive_expiry=_IDLE_S)
            unbounded = httpx.Timeout(None)  # each call is bounded from outside
            self._opened = httpx.AsyncClient(
                headers=self._headers,
                timeout=unbounded,
                limits=limits,
                trust_env=self._uses_proxies,
                transport=self._transport,
            )
        return self._opened


def _media_type(response: httpx.Response) -> str:
    found: str = response.headers.get("content-type", "")
    return found


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


async def _read(response: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MAX_RESPONSE_BYTES:
            raise ProviderFailed(f"a response of more than {_MAX_RESPONSE_BYTES} bytes")
    return bytes(body)


def _form_fields(request: TranscriptionRequest) -> list[tuple[str, str]]:
    single = {
        "model": request.model,
        "language": request.language,
        "prompt": request.prompt,
        "response_format": request.response_format,
        "temperature": None if request.temperature is None else str(request.temperature),
    }
    fields = [(name, value) for name, value in single.items() if value is not None]
    return fields + [("timestamp_granularities[]", each) for each in request.timestamp_granularities]


def _document(response_format: str | None, media_type: str, body: bytes) -> dict[str, Any]:
    """The transcript, as an object; a document of `text`, `srt` or `vtt` stands as a string under `text`."""
    kind = parse(media_type)[0]
    if not body:
        raise ProviderFailed("an empty body instead of a transcript")
    if response_format in _DOCUMENTS and kind.startswith("text/") and kind != "text/html":
        return {"text": _text(body)}
    if kind != "application/json":
        raise ProviderFailed(f"a body of type {media_type[:80]!r} instead of a transcript")
    try:
        found = msgspec.json.decode(_text(body))
    except (msgspec.DecodeError, RecursionError):
        raise ProviderFailed("broken JSON instead of a transcript") from None
    if response_format in _DOCUMENTS and isinstance(found, str):
        return {"text": found}
    if not isinstance(found, dict):
        raise ProviderFailed("JSON that is no object instead of a transcript")
    return found


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise ProviderFailed("a transcript that is not UTF-8") from None


def _retry_after(response: httpx.Response) -> str | None:
    value = response.headers.get("retry-after", "")
    return value if _RETRY_AFTER.fullmatch(value) else None

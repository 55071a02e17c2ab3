"""The dialect that OpenAI and Azure OpenAI share: one POST per operation, its body out, its response in.

Addresses and keys are the adapters' business. Contract: rulings, Provider side; Statuses (provider failures).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from reference_server.decoding.header_values import parse
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.upstreams.connections import Connections, Content, OpenResponse, WholeResponse
from reference_server.upstreams.multipart_writer import MultipartWriter
from reference_server.upstreams.protocol import (
    MOCK_TRANSCRIPT,
    ProviderFailed,
    SpeechResponse,
    TranscriptResponse,
    transcript_source,
)
from reference_server.upstreams.provider_errors import refusal_of

_DOCUMENTS = frozenset({"text", "srt", "vtt"})
_RETRY_AFTER = re.compile(r"\d{1,9}|[A-Z][a-z]{2}, [0-9A-Za-z: ]{1,30}")


class HttpClient:
    """A client of the provider at `base_url`. The gateway bounds the time of each call from outside.

    `connections` take the place of the network.
    """

    def __init__(self, base_url: str, headers: Mapping[str, str], connections: Connections | None = None) -> None:
        self._headers = {"User-Agent": "audio-reference-server", "Accept-Encoding": "identity", **headers}
        self._connections = connections or _pooled(base_url)

    async def synthesize(self, url: str, request: SpeechRequest) -> SpeechResponse:
        """Sends the fields that the client sent, as JSON. Raises ProviderRefused, ProviderFailed."""
        response = await self._post(url, *_sent(request))
        return SpeechResponse(response.body, _media_type(response))

    async def transcribe(self, url: str, request: TranscriptionRequest) -> TranscriptResponse:
        """Sends the recording and the fields that the client sent, as a form. Raises ProviderRefused, ProviderFailed."""
        response = await self._post(url, *_sent(request))
        document = _document(request.response_format, _media_type(response), response.body)
        return TranscriptResponse(document, transcript_source(response.headers.get(MOCK_TRANSCRIPT)))

    async def relay(self, url: str, request: SpeechRequest | TranscriptionRequest) -> OpenResponse:
        """Sends the same, and returns the response with its body still to come. Raises ProviderFailed."""
        headers, content = _sent(request)
        return await self._connections.open(url, self._headers | headers, content)

    async def close(self) -> None:
        await self._connections.close()

    async def _post(self, url: str, headers: dict[str, str], content: Content) -> WholeResponse:
        response = await self._connections.post(url, self._headers | headers, content)
        if response.status >= 400:
            raise refusal_of(response.status, response.body, _retry_after(response))
        if response.status != 200:
            raise ProviderFailed(f"a response of status {response.status}")
        return response


def _pooled(base_url: str) -> Connections:
    from reference_server.upstreams.pooled import PooledConnections  # noqa: PLC0415 - a tenth of the time to start

    return PooledConnections(base_url)


def _sent(request: SpeechRequest | TranscriptionRequest) -> tuple[dict[str, str], Content]:
    """The headers and the body for a provider: JSON for speech, else a form."""
    if isinstance(request, TranscriptionRequest):
        form = MultipartWriter(_form_fields(request), request.audio)
        return form.headers, form
    fields = {name: value for name, value in msgspec.structs.asdict(request).items() if value is not None}
    if further := fields.pop("further"):
        fields |= dict(further)
    return {"Content-Type": "application/json"}, msgspec.json.encode(fields)


def _media_type(response: WholeResponse) -> str:
    return response.headers.get("content-type", "")


def _form_fields(request: TranscriptionRequest) -> list[tuple[str, str]]:
    single = {
        "model": request.model,
        "language": request.language,
        "prompt": request.prompt,
        "response_format": request.response_format,
        "temperature": None if request.temperature is None else str(request.temperature),
    }
    fields = [(name, value) for name, value in single.items() if value is not None]
    fields += [("timestamp_granularities[]", each) for each in request.timestamp_granularities]
    return [*fields, *request.further]


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


def _retry_after(response: WholeResponse) -> str | None:
    value = response.headers.get("retry-after", "")
    return value if _RETRY_AFTER.fullmatch(value) else None

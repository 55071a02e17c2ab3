"""Azure OpenAI: the same bodies as OpenAI's, addressed by deployment, with the key in the header `api-key`.

Contract: Provider Notes; rulings, Provider side, "Azure".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from reference_server.requests import Operation, SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import convert
from reference_server.upstreams.connections import OpenResponse
from reference_server.upstreams.http_client import HttpClient
from reference_server.upstreams.openai import Key, Url
from reference_server.upstreams.protocol import SpeechResponse, TranscriptResponse

_ROUTES = {Operation.SPEECH: "speech", Operation.TRANSCRIPTION: "transcriptions", Operation.TRANSLATION: "translations"}


class AzureOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`endpoint` is the resource's address, as in `https://NAME.openai.azure.com`.

    `default_voice` is sent when the client names no voice; Azure itself requires one.
    """

    endpoint: Url
    api_key: Key
    api_version: str = "2025-04-01-preview"
    default_voice: str | None = None


class AzureAdapter:
    """Calls `{endpoint}/openai/deployments/{deployment}/audio/...`; a request's `model` is the deployment."""

    def __init__(self, options: AzureOptions) -> None:
        self._options = options
        self._http = HttpClient(options.endpoint, {"api-key": options.api_key})

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        if request.voice is None and self._options.default_voice is not None:
            request = replace(request, voice=self._options.default_voice)
        return await self._http.synthesize(self._url(request.model, "speech"), request)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._http.transcribe(self._url(request.model, "transcriptions"), request)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._http.transcribe(self._url(request.model, "translations"), request)

    async def relay(self, operation: Operation, request: SpeechRequest | TranscriptionRequest) -> OpenResponse:
        return await self._http.relay(self._url(request.model, _ROUTES[operation]), request)

    async def close(self) -> None:
        await self._http.close()

    def _url(self, deployment: str, operation: str) -> str:
        resource = f"{self._options.endpoint.rstrip('/')}/openai/deployments/{quote(deployment, safe='')}"
        return f"{resource}/audio/{operation}?api-version={quote(self._options.api_version, safe='')}"


def build(options: Mapping[str, Any], /) -> AzureAdapter:
    """The adapter `azure`. Raises ConfigError."""
    return AzureAdapter(convert(dict(options), AzureOptions))

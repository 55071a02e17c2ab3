"""Any provider with OpenAI's HTTP API: OpenAI itself, or one of the many servers that are compatible with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct
from msgspec.structs import replace

from reference_server.requests import Operation, SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import convert
from reference_server.upstreams.connections import Connections, OpenResponse
from reference_server.upstreams.http_client import HttpClient
from reference_server.upstreams.protocol import SpeechResponse, TranscriptResponse

Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s/?#]+[^\s?#]*\Z",
        description="an address that starts with http:// or https://, without ? or #",
    ),
]
Key = Annotated[str, Meta(pattern=r"^[\x21-\x7e]+\Z", description="a key of printable characters without spaces")]

_ROUTES = {Operation.SPEECH: "speech", Operation.TRANSCRIPTION: "transcriptions", Operation.TRANSLATION: "translations"}


class OpenAIOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`base_url` ends before `/audio/...`. Without `api_key` no Authorization header is sent.

    `default_voice` is sent when the client names no voice; OpenAI itself requires one.
    """

    base_url: Url
    api_key: Key | None = None
    default_voice: str | None = None


class OpenAIAdapter:
    """Calls `{base_url}/audio/{speech,transcriptions,translations}` with a bearer key.

    `connections` take the place of the network.
    """

    def __init__(self, options: OpenAIOptions, connections: Connections | None = None) -> None:
        self._options = options
        self._base_url = options.base_url.rstrip("/")
        self._http = HttpClient(
            options.base_url,
            {} if options.api_key is None else {"Authorization": f"Bearer {options.api_key}"},
            connections,
        )

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        if request.voice is None and self._options.default_voice is not None:
            request = replace(request, voice=self._options.default_voice)
        return await self._http.synthesize(f"{self._base_url}/audio/speech", request)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._http.transcribe(f"{self._base_url}/audio/transcriptions", request)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._http.transcribe(f"{self._base_url}/audio/translations", request)

    async def relay(self, operation: Operation, request: SpeechRequest | TranscriptionRequest) -> OpenResponse:
        return await self._http.relay(f"{self._base_url}/audio/{_ROUTES[operation]}", request)

    async def close(self) -> None:
        await self._http.close()


def build(options: Mapping[str, Any], /) -> OpenAIAdapter:
    """The adapter `openai`. Raises ConfigError."""
    return OpenAIAdapter(convert(dict(options), OpenAIOptions))

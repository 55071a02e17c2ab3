"""The mock provider in this process: its synthesis and recognition, without HTTP.

The only module of the gateway that knows `mock_upstreams`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

import mock_upstreams
from mock_upstreams import MockProvider, ProviderRefusal, Transcript
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import convert
from reference_server.upstreams.protocol import ProviderRefused, SpeechResponse, TranscriptResponse
from reference_server.upstreams.provider_errors import reason_of


class MockOptions(msgspec.Struct, forbid_unknown_fields=True):
    """The mock needs no options."""


class MockAdapter:
    """Synthesizes and transcribes in worker threads: the codecs release the interpreter lock."""

    def __init__(self) -> None:
        self._provider = MockProvider()

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        call = mock_upstreams.SpeechRequest(
            model=request.model,
            input=request.input,
            voice=request.voice,
            response_format=request.response_format,
            speed=1.0 if request.speed is None else float(request.speed),
            instructions=request.instructions,
        )
        try:
            audio = await asyncio.to_thread(self._provider.synthesize, call)
        except ProviderRefusal as error:
            raise _refused(error) from None
        return SpeechResponse(audio.data, audio.media_type)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(self._provider.transcribe, request)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(self._provider.translate, request)

    async def close(self) -> None:
        """Holds nothing."""

    async def _transcript(
        self, transcribe: Callable[[mock_upstreams.TranscriptionRequest], Transcript], request: TranscriptionRequest
    ) -> TranscriptResponse:
        def rendered() -> dict[str, Any] | str:
            call = _call(request)
            return transcribe(call).render(call.response_format, request.timestamp_granularities)

        try:
            document = await asyncio.to_thread(rendered)
        except ProviderRefusal as error:
            raise _refused(error) from None
        return TranscriptResponse({"text": document} if isinstance(document, str) else document)


def _call(request: TranscriptionRequest) -> mock_upstreams.TranscriptionRequest:
    return mock_upstreams.TranscriptionRequest(
        model=request.model,
        audio=request.audio.read(),
        file_name=request.audio.file_name,
        language=request.language,
        prompt=request.prompt,
        response_format=request.response_format or "json",
        temperature=float(request.temperature or 0),
        timestamp_granularities=request.timestamp_granularities,
    )


def _refused(error: ProviderRefusal) -> ProviderRefused:
    reason = reason_of(error.code or "", error.param or "", error.message)
    return ProviderRefused(error.status, error.param, reason=reason)


def build(options: Mapping[str, Any], /) -> MockAdapter:
    """The adapter `mock`. Options: none. Raises ConfigError."""
    convert(dict(options), MockOptions)
    return MockAdapter()

"""The provider that lives in this process: the mock's voice and ear, without the wire.

The only module of the gateway that knows `mock_upstreams`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

import mock_upstreams
from mock_upstreams import MockProvider, ProviderRefusal
from reference_server.strict_yaml import convert
from reference_server.upstreams.protocol import SpeechAnswer, TranscriptAnswer, UpstreamRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mock_upstreams import Transcript
    from reference_server.requests import SpeechRequest, TranscriptionRequest


class MockOptions(msgspec.Struct, forbid_unknown_fields=True):
    """The mock needs no options."""


class MockUpstream:
    """Speaks and hears in worker threads: the codecs release the interpreter lock."""

    def __init__(self) -> None:
        self._provider = MockProvider()

    async def synthesize(self, request: SpeechRequest) -> SpeechAnswer:
        order = mock_upstreams.SpeechRequest(
            model=request.model,
            input=request.input,
            voice=request.voice,
            response_format=request.response_format,
            speed=1.0 if request.speed is None else float(request.speed),
            instructions=request.instructions,
        )
        try:
            spoken = await asyncio.to_thread(self._provider.synthesize, order)
        except ProviderRefusal as error:
            raise UpstreamRefused(error.status, error.param) from None
        return SpeechAnswer(spoken.data, spoken.media_type)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptAnswer:
        return await self._hear(self._provider.transcribe, request)

    async def translate(self, request: TranscriptionRequest) -> TranscriptAnswer:
        return await self._hear(self._provider.translate, request)

    async def close(self) -> None:
        """Holds nothing."""

    async def _hear(
        self, hear: Callable[[mock_upstreams.TranscriptionRequest], Transcript], request: TranscriptionRequest
    ) -> TranscriptAnswer:
        def heard() -> dict[str, Any] | str:
            order = _hearing_order(request)
            return hear(order).render(order.response_format, request.timestamp_granularities)

        try:
            document = await asyncio.to_thread(heard)
        except ProviderRefusal as error:
            raise UpstreamRefused(error.status, error.param) from None
        return TranscriptAnswer({"text": document} if isinstance(document, str) else document)


def _hearing_order(request: TranscriptionRequest) -> mock_upstreams.TranscriptionRequest:
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


def build(options: Mapping[str, Any], /) -> MockUpstream:
    """The adapter `mock`. Options: none. Raises ConfigError."""
    convert(dict(options), MockOptions)
    return MockUpstream()

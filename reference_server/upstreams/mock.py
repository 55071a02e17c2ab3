"""The mock provider in this process: its synthesis and recognition, without HTTP.

The only module of the gateway that knows `mock_upstreams`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

import mock_upstreams
from mock_upstreams import MockProvider, ProviderRefusal, Transcript
from mock_upstreams.abandonment import Abandonment, Checkpoint, proceed
from mock_upstreams.provider import NotCached
from reference_server.audio.duration import audio_seconds
from reference_server.refusals import Reason
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import convert
from reference_server.upstreams.protocol import ProviderRefused, SpeechResponse, TranscriptResponse
from reference_server.upstreams.provider_errors import reason_of
from reference_server.upstreams.work_limit import WorkLimit


class MockOptions(msgspec.Struct, forbid_unknown_fields=True):
    """The mock needs no options."""


# Of the mock's audio, at its own pace, so many seconds are made or recognized at a time: about 100 kB of memory each.
_MOST_SECONDS_AT_A_TIME = 1500.0
_CHARACTERS_PER_S = 15.0
_SLOWEST, _FASTEST = 0.25, 4.0
# An upload up to this size is looked up in the mock's cache without leaving the event loop: its hash costs little.
_MOST_BYTES_AT_ONCE = 512 * 1024

Transcribe = Callable[[mock_upstreams.TranscriptionRequest, Checkpoint], Transcript]
Result = TypeVar("Result")


class MockAdapter:
    """Synthesizes and transcribes in worker threads: the codecs release the interpreter lock.

    Work stops when the call is cancelled, because its time is over or its client is gone.
    """

    def __init__(self) -> None:
        self._provider = MockProvider()
        self._limit = WorkLimit(_MOST_SECONDS_AT_A_TIME)

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        speed = 1.0 if request.speed is None else float(request.speed)
        call = mock_upstreams.SpeechRequest(
            model=request.model,
            input=request.input,
            voice=request.voice,
            response_format=request.response_format,
            speed=speed,
            instructions=request.instructions,
        )
        try:
            audio = self._provider.speech_at_hand(call)
        except NotCached:
            seconds = len(request.input) / _CHARACTERS_PER_S / min(max(speed, _SLOWEST), _FASTEST)
            audio = await self._worked(seconds, lambda checkpoint: self._provider.synthesize(call, checkpoint))
        return SpeechResponse(audio.data, audio.media_type)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(self._provider.transcribe, self._provider.cached.transcribe, request)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(self._provider.translate, self._provider.cached.translate, request)

    async def close(self) -> None:
        """Holds nothing."""

    async def _transcript(
        self, transcribe: Transcribe, at_hand: Transcribe, request: TranscriptionRequest
    ) -> TranscriptResponse:
        def rendered(transcribe: Transcribe, checkpoint: Checkpoint) -> TranscriptResponse:
            call = _call(request)
            found = transcribe(call, checkpoint).render(call.response_format, request.timestamp_granularities)
            return TranscriptResponse({"text": found} if isinstance(found, str) else found)

        if request.audio.size <= _MOST_BYTES_AT_ONCE:
            try:
                return rendered(at_hand, proceed)
            except NotCached:
                pass
            except ProviderRefusal as error:
                raise _refused(error) from None
        seconds = await audio_seconds(request.audio)
        if seconds > self._provider.most_seconds:  # by its packets, before any of it is decoded
            raise ProviderRefused(400, "file", reason=Reason.AUDIO_TOO_LONG)
        return await self._worked(seconds, lambda checkpoint: rendered(transcribe, checkpoint))

    async def _worked(self, seconds: float, work: Callable[[Checkpoint], Result]) -> Result:
        """The result of work in a thread, which stops when nobody waits for it any more."""
        abandonment = Abandonment()
        async with self._limit.taking(seconds):
            try:
                return await asyncio.to_thread(work, abandonment.checkpoint)
            except ProviderRefusal as error:
                raise _refused(error) from None
            finally:
                abandonment.abandon()


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

"""The mock provider in this process: its synthesis and recognition, or the whole of it with its control API.

The only module of the gateway that knows `mock_upstreams`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta
from msgspec.structs import replace

import mock_upstreams
from mock_upstreams import MockProvider, ProviderRefusal, Transcript
from mock_upstreams.abandonment import Abandonment, Checkpoint, proceed
from mock_upstreams.app import build as build_mock
from mock_upstreams.channel import CONNECTION, DECODED
from mock_upstreams.config import JournalSettings
from mock_upstreams.config import Settings as MockSettings
from mock_upstreams.models import Registration
from mock_upstreams.provider import NotCached
from mock_upstreams.requests import ReceivedBody
from mock_upstreams.requests import Upload as ReceivedUpload
from reference_server.asgi import App
from reference_server.audio.duration import MeasuredDurations, audio_seconds
from reference_server.refusals import Reason
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import convert
from reference_server.upstreams.connections import Content
from reference_server.upstreams.in_process import Connection, InProcessConnections
from reference_server.upstreams.openai import OpenAIAdapter, OpenAIOptions
from reference_server.upstreams.protocol import ProviderRefused, SpeechResponse, TranscriptResponse
from reference_server.upstreams.provider_errors import reason_of
from reference_server.upstreams.work_limit import WorkLimit


class MockOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`control_token`: serves the mock's control API under `/_mock/` to those who have it. Without, there is none.

    `transcripts`: what is said in the files of these names or SHA-256 digests.
    """

    control_token: Annotated[str, Meta(min_length=8)] | None = None
    transcripts: dict[str, str] = {}


# Of the mock's audio, at its own pace, so many seconds are made or recognized at a time: about 100 kB of memory each.
_MOST_SECONDS_AT_A_TIME = 1500.0
_CHARACTERS_PER_S = 15.0
_LONG_S = 300.0
_SLOWEST, _FASTEST = 0.25, 4.0
# An upload up to this size is looked up in the mock's cache without leaving the event loop: its hash costs little.
_MOST_BYTES_AT_ONCE = 512 * 1024

# Kept small: it shares its process with the gateway.
_CONTROLLED = MockSettings(journal=JournalSettings(calls=1000, upload_mb=64, text_mb=16), cache_mb=16)
_NOWHERE = "http://127.0.0.1/v1"
_ANY_KEY = "sk-mock-in-process"

Transcribe = Callable[[mock_upstreams.TranscriptionRequest, Checkpoint], Transcript]
Result = TypeVar("Result")


class MockAdapter:
    """Synthesizes and transcribes in worker threads: the codecs release the interpreter lock.

    Work stops when the call is cancelled, because its time is over or its client is gone.
    """

    def __init__(self, transcripts: Mapping[str, str] = MappingProxyType({})) -> None:
        self._provider = MockProvider(transcripts=transcripts)
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
            seconds = _seconds_of(request)
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
            found = transcribe(call, checkpoint)
            document = found.render(call.response_format, request.timestamp_granularities)
            return TranscriptResponse({"text": document} if isinstance(document, str) else document, found.source)

        if request.audio.size <= _MOST_BYTES_AT_ONCE:
            try:
                return rendered(at_hand, proceed)
            except NotCached:
                pass
            except ProviderRefusal as error:
                raise _refused(error) from None
        seconds = await _checked_seconds(request, self._provider.most_seconds)
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


async def _checked_seconds(request: TranscriptionRequest, most: float) -> float:
    """The recording's duration, by its packets: one that is too long is refused before any of it is decoded."""
    seconds = await audio_seconds(request.audio)
    if seconds > most:
        raise ProviderRefused(400, "file", reason=Reason.AUDIO_TOO_LONG)
    return seconds


def _seconds_of(request: SpeechRequest) -> float:
    speed = 1.0 if request.speed is None else float(request.speed)
    return len(request.input) / _CHARACTERS_PER_S / min(max(speed, _SLOWEST), _FASTEST)


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
        sha256=request.audio.sha256(),
    )


def _refused(error: ProviderRefusal) -> ProviderRefused:
    reason = reason_of(error.code or "", error.param or "", error.message)
    return ProviderRefused(error.status, error.param, reason=reason)


def _extensions(connection: Connection, headers: Mapping[str, str], content: Content) -> dict[str, Any]:
    """The connection, and a form as the mock would read it: to write and to parse it would cost more than all the rest."""
    if isinstance(content, bytes):
        return {CONNECTION: connection}
    upload = content.upload
    received = ReceivedUpload(
        "file", upload.file_name, upload.content_type, content.disposition, upload.read(), upload.size, upload.sha256()
    )
    size = int(headers["Content-Length"])
    body = ReceivedBody("multipart", "multipart/form-data", tuple(content.fields), received, size=size)
    return {CONNECTION: connection, DECODED: body}


class ControlledMock(OpenAIAdapter):
    """The same mock behind its own HTTP, without a socket: every call is recorded, and scripts and gates apply to it."""

    def __init__(self, control_token: str, transcripts: dict[str, str]) -> None:
        self._mock = build_mock(replace(_CONTROLLED, transcripts=transcripts), control_token)
        self._limit = WorkLimit(_LONG_S)
        self._most_seconds = MockProvider().most_seconds
        self._durations = MeasuredDurations()
        connections = InProcessConnections(self._mock.providers, _extensions)
        super().__init__(OpenAIOptions(base_url=_NOWHERE, api_key=_ANY_KEY), connections)
        self.control: App = self._mock.control

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        self._know(request.model)
        seconds = _seconds_of(request)
        # One after the other, for memory's sake; but what is short never waits for a long one that is held on a gate.
        async with self._limit.taking(seconds) if seconds > _LONG_S else nullcontext():
            return await super().synthesize(request)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        self._know(request.model)
        await self._check_duration(request)
        return await super().transcribe(request)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        self._know(request.model)
        await self._check_duration(request)
        return await super().translate(request)

    async def close(self) -> None:
        await self._mock.close()
        await super().close()

    async def _check_duration(self, request: TranscriptionRequest) -> None:
        """A recording that is too long is refused before any of it is decoded."""
        if await self._durations.of(request.audio) > self._most_seconds:
            raise ProviderRefused(400, "file", reason=Reason.AUDIO_TOO_LONG)

    def _know(self, model: str) -> None:
        """A model that the configuration names is one that this provider has."""
        if model not in self._mock.known.models:
            self._mock.known.add(Registration([model]))


def build(options: Mapping[str, Any], /) -> MockAdapter | ControlledMock:
    """The adapter `mock`. Options: `control_token`, `transcripts`. Raises ConfigError."""
    checked = convert(dict(options), MockOptions)
    if checked.control_token is None:
        return MockAdapter(checked.transcripts)
    return ControlledMock(checked.control_token, checked.transcripts)

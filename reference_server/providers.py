"""Calls a provider: one call per request, bounded in time, its faults told apart, its answer judged.

Contract: Errors, 500; rulings, Statuses (provider rows) and Provider side, "calls".
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from reference_server.answers import audio_media_type, transcript_document
from reference_server.errors import GatewayError, InferenceFailed, ProviderBusy, RefusedByProvider
from reference_server.requests import Operation
from reference_server.upstreams import SpeechAnswer, UpstreamFailed, UpstreamRefused

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from reference_server.requests import SpeechRequest, TranscriptionRequest
    from reference_server.upstreams import Upstream

Answer = TypeVar("Answer")

_log = structlog.get_logger("reference_server.providers")

# Statuses by which a provider says that the request itself is at fault; every other one is the provider's own trouble.
_CLIENTS_FAULT = frozenset({400, 404, 413, 415, 422})
# A provider's `param` is repeated to the client only when it names a field of this contract.
_FIELDS = frozenset(
    {"model", "input", "voice", "response_format", "speed", "instructions", "file"}
    | {"language", "prompt", "temperature", "timestamp_granularities", "timestamp_granularities[]"}
)


@dataclass(frozen=True, slots=True)
class Provider:
    """A configured provider: its adapter, and how many seconds one call may take from first byte to last."""

    name: str
    upstream: Upstream
    timeout_s: float

    async def speak(self, request: SpeechRequest) -> SpeechAnswer:
        """Audio with the media type that its bytes deserve. Raises GatewayError."""

        async def spoken() -> SpeechAnswer:
            answer = await self.upstream.synthesize(request)
            return SpeechAnswer(answer.data, audio_media_type(answer))

        return await self._bounded(spoken())

    async def hear(self, operation: Operation, request: TranscriptionRequest) -> dict[str, Any]:
        """A transcript's document, with a text. Raises GatewayError."""
        hear = self.upstream.transcribe if operation == Operation.TRANSCRIPTION else self.upstream.translate

        async def heard() -> dict[str, Any]:
            return transcript_document(await hear(request))

        return await self._bounded(heard())

    async def _bounded(self, call: Awaitable[Answer]) -> Answer:
        try:
            async with asyncio.timeout(self.timeout_s):
                return await call
        except UpstreamRefused as error:
            _log.warning("provider refused", provider=self.name, status=error.status, param=error.param)
            raise _told(error) from None
        except TimeoutError:
            raise self._failed(f"no whole answer within {self.timeout_s:g} s") from None
        except UpstreamFailed as error:
            raise self._failed(str(error)) from None
        except Exception as error:  # noqa: BLE001 - an adapter of someone else's may raise anything
            _log.exception("adapter broke", provider=self.name)
            raise InferenceFailed(type(error).__name__) from None

    def _failed(self, reason: str) -> InferenceFailed:
        _log.warning("provider failed", provider=self.name, reason=reason)
        return InferenceFailed(reason)


def _told(error: UpstreamRefused) -> GatewayError:
    if error.status in _CLIENTS_FAULT:
        return RefusedByProvider(error.param if error.param in _FIELDS else None)
    return ProviderBusy(error.retry_after) if error.status == 429 else InferenceFailed(str(error))

"""Calls a provider through its adapter: one call per request, bounded in time, errors mapped, the result checked.

Contract: Errors, 500; rulings, Statuses (provider rows) and Provider side, "calls".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from reference_server.deadlines import TimeLimit
from reference_server.errors import InferenceFailed
from reference_server.logs import log
from reference_server.requests import Operation, SpeechRequest, TranscriptionRequest
from reference_server.upstreams.connections import OpenResponse, read
from reference_server.upstreams.handing_on import RelayingAdapter, error_of
from reference_server.upstreams.protocol import (
    Adapter,
    ProviderFailed,
    ProviderRefused,
    SpeechResponse,
    TranscriptResponse,
)
from reference_server.upstreams.refusing import refusal
from reference_server.upstreams.results import checked_audio, checked_transcript

Result = TypeVar("Result")
TranscriptCall = Callable[[TranscriptionRequest], Awaitable[TranscriptResponse]]


@dataclass(frozen=True, slots=True)
class CheckedAdapter:
    """An adapter whose every call takes at most this `time`, and raises a GatewayError or returns a usable result.

    `provider` is the provider's name in the configuration, `hands_on` whether its responses may be handed on.
    """

    provider: str
    adapter: Adapter
    time: TimeLimit
    hands_on: bool = True

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        """Audio with the media type that its bytes deserve. Raises GatewayError."""
        return await self._bounded(self.adapter.synthesize, request, checked_audio)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        """A transcript with a text. Raises GatewayError."""
        return await self._bounded(self.adapter.transcribe, request, checked_transcript)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        """An English transcript with a text. Raises GatewayError."""
        return await self._bounded(self.adapter.translate, request, checked_transcript)

    @property
    def relays(self) -> bool:
        """Whether the adapter can, and may, hand on its provider's response."""
        return self.hands_on and isinstance(self.adapter, RelayingAdapter)

    async def relay(self, operation: Operation, request: SpeechRequest | TranscriptionRequest) -> OpenResponse:
        """The provider's response of status 200, its body still to come. Raises GatewayError for any other."""
        adapter = self.adapter
        assert isinstance(adapter, RelayingAdapter)
        try:
            with self.time.applied():
                relayed = await adapter.relay(operation, request)
                if relayed.status == 200:
                    return relayed
                handed_on = await error_of(relayed)
        except TimeoutError:
            raise self._failure(f"no response within {self.time.seconds:g} s") from None
        except ProviderFailed as error:
            raise self._failure(str(error)) from None
        await relayed.close()
        log("warning", "provider refused", provider=self.provider, status=relayed.status)
        raise handed_on

    async def read(self, relayed: OpenResponse) -> bytes:
        """The body of what `relay` returned, as a whole, and the connection freed. Raises GatewayError."""
        try:
            with self.time.applied():
                return await read(relayed)
        except TimeoutError:
            raise self._failure(f"no whole response within {self.time.seconds:g} s") from None
        except ProviderFailed as error:
            raise self._failure(str(error)) from None
        finally:
            await relayed.close()

    def of(self, operation: Operation) -> TranscriptCall:
        """The method for an operation that takes a recording."""
        return self.transcribe if operation == Operation.TRANSCRIPTION else self.translate

    async def close(self) -> None:
        """Closes the adapter."""
        await self.adapter.close()

    async def _bounded(
        self, call: Callable[[Any], Awaitable[Any]], request: Any, check: Callable[[Any], Result]
    ) -> Result:
        try:
            with self.time.applied():
                return check(await call(request))
        except ProviderRefused as error:
            facts: dict[str, Any] = {"status": error.status, "param": error.param, "reason": error.reason}
            log("warning", "provider refused", provider=self.provider, **facts)
            raise await refusal(error, request) from None
        except TimeoutError:
            raise self._failure(f"no whole response within {self.time.seconds:g} s") from None
        except ProviderFailed as error:
            raise self._failure(str(error)) from None
        except Exception as error:  # noqa: BLE001 - an adapter of someone else's may raise anything
            log("error", "adapter broke", raised=error, provider=self.provider)
            raise InferenceFailed(type(error).__name__) from None

    def _failure(self, reason: str) -> InferenceFailed:
        log("warning", "provider failed", provider=self.provider, reason=reason)
        return InferenceFailed(reason)

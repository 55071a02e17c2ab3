"""What an adapter is: the one interface by which the gateway knows a provider, whatever is behind it.

An adapter is a `build` function found by the name of its entry point in the group `audio_reference_server.upstreams`; a
provider of the configuration names it with `kind`::

    def build(options: Mapping[str, Any]) -> Adapter: ...

`options` are the provider's keys of the YAML file but `kind` and `timeout_s` (the gateway itself enforces the time-out).
`build` checks them and raises ValueError (msgspec.ValidationError is one) for what it does not know. It runs before the
server listens, and again in every worker: it should connect to nothing yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import msgspec

from reference_server.asgi import App
from reference_server.refusals import Reason
from reference_server.requests import SpeechRequest, TranscriptionRequest


class SpeechResponse(msgspec.Struct, frozen=True):
    """Audio as the provider sent it: all its bytes, and the media type it gave them."""

    data: bytes
    media_type: str


TranscriptSource = Literal["recognized", "configured", "invented"]

MOCK_TRANSCRIPT = "X-Mock-Transcript"
"""The header by which a mock provider says where the words come from."""


class TranscriptResponse(msgspec.Struct, frozen=True):
    """A transcript: the provider's JSON object, or for `text`, `srt`, `vtt` an object with the document as `text`.

    `source` is set by a mock alone: whether it recognized its own voice, was told the words, or invented them.
    """

    document: dict[str, Any]
    source: TranscriptSource | None = None


def transcript_source(value: str | None) -> TranscriptSource | None:
    """The source that a header's value names; None for whatever else it holds."""
    return next((each for each in get_args(TranscriptSource) if each == value), None)


class ProviderRefused(Exception):
    """The provider answered with an error: its HTTP `status`, the `param` it named, and its Retry-After, if any.

    `reason` is why, where the adapter can tell: one of a closed list, so that no provider's text reaches the client.
    """

    def __init__(
        self, status: int, param: str | None = None, retry_after: str | None = None, reason: Reason | None = None
    ) -> None:
        super().__init__(f"the provider answered {status}")
        self.status = status
        self.param = param
        self.retry_after = retry_after
        self.reason = reason


class ProviderFailed(Exception):
    """The provider gave no usable response. The text is for the log; the client never sees it."""


class Adapter(Protocol):
    """Our side of a provider. In each request `model` is the provider's own name: a model, or for Azure a deployment.

    Every method makes one call to the provider, never a second one, and raises ProviderRefused or ProviderFailed.
    """

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        """Audio of `request.input`."""

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        """The recording's transcript in its own language."""

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        """The recording's transcript in English."""

    async def close(self) -> None:
        """Frees connections; called once, when the worker ends."""


@runtime_checkable
class Controlled(Protocol):
    """An adapter whose provider is a mock that can be told what to do; the gateway serves `control` under `/_mock/`."""

    @property
    def control(self) -> App:
        """The control API, an ASGI application."""


class Build(Protocol):
    """The type of an adapter's entry point."""

    def __call__(self, options: Mapping[str, Any], /) -> Adapter: ...

"""Real speech and real transcripts without a network: the extra `local`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from reference_server.audio_kinds import SPOKEN_FORMATS
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import ConfigError, convert
from reference_server.upstreams.local_engines import LANGUAGES, Ear, Voice, rendered
from reference_server.upstreams.local_engines.sound import NoSound
from reference_server.upstreams.protocol import SpeechAnswer, TranscriptAnswer, UpstreamRefused


class LocalOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`language` of the voice (`en-US`, `en-GB`, `de-DE`, `es-ES`, `fr-FR`, `it-IT`), unless a request's `voice` names one.

    `model_path` is a folder with a faster-whisper model; without it the English one of the extra. A model that knows
    other languages also translates. `beam_size` trades time for accuracy.
    """

    language: str = "en-US"
    model_path: str | None = None
    beam_size: Annotated[int, Meta(ge=1, le=10)] = 1


class LocalUpstream:
    """Runs the engines in threads; each takes one request at a time."""

    def __init__(self, options: LocalOptions) -> None:
        self._voice = Voice(options.language)
        self._ear = Ear(options.model_path, options.beam_size)

    async def synthesize(self, request: SpeechRequest) -> SpeechAnswer:
        data = await asyncio.to_thread(
            self._voice.speak, request.input, request.voice, request.speed, request.response_format
        )
        if not data:  # nothing in the text has a sound
            raise UpstreamRefused(400, "input")
        return SpeechAnswer(data, SPOKEN_FORMATS[request.response_format or "mp3"].media_type)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptAnswer:
        return await self._hear(request, "transcribe")

    async def translate(self, request: TranscriptionRequest) -> TranscriptAnswer:
        return await self._hear(request, "translate")

    async def close(self) -> None:
        """Holds no connection."""

    async def _hear(self, request: TranscriptionRequest, task: str) -> TranscriptAnswer:
        try:
            heard = await asyncio.to_thread(self._ear.hear, request, task)
        except NoSound:
            raise UpstreamRefused(400, "file") from None
        return TranscriptAnswer(rendered(heard, task, request.response_format, request.timestamp_granularities))


def build(options: Mapping[str, Any], /) -> LocalUpstream:
    """The adapter `local`. Raises ConfigError; ImportError where the extra is not installed."""
    found = convert(dict(options), LocalOptions)
    if found.language not in LANGUAGES:
        raise ConfigError("language", f"No voice speaks {found.language!r}.", f"Allowed: {', '.join(LANGUAGES)}.")
    return LocalUpstream(found)

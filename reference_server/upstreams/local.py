"""Real speech and real transcripts without a network: the extra `local`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from reference_server.audio.formats import SPEECH_FORMATS
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import ConfigError, convert
from reference_server.upstreams.local_engines import LANGUAGES, Recognizer, Synthesizer, rendered
from reference_server.upstreams.local_engines.codecs import NoSound
from reference_server.upstreams.protocol import ProviderRefused, SpeechResponse, TranscriptResponse


class LocalOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`language` of the voice (`en-US`, `en-GB`, `de-DE`, `es-ES`, `fr-FR`, `it-IT`), unless a request's `voice` names one.

    `model_path` is a folder with a faster-whisper model; without it the English one of the extra. A model that knows
    other languages also translates. `beam_size` trades time for accuracy.
    """

    language: str = "en-US"
    model_path: str | None = None
    beam_size: Annotated[int, Meta(ge=1, le=10)] = 1


class LocalAdapter:
    """Runs the engines in threads; each takes one request at a time."""

    def __init__(self, options: LocalOptions) -> None:
        self._synthesizer = Synthesizer(options.language)
        self._recognizer = Recognizer(options.model_path, options.beam_size)

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        data = await asyncio.to_thread(
            self._synthesizer.synthesize, request.input, request.voice, request.speed, request.response_format
        )
        if not data:  # nothing in the text has a sound
            raise ProviderRefused(400, "input")
        return SpeechResponse(data, SPEECH_FORMATS[request.response_format or "mp3"].media_type)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(request, "transcribe")

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(request, "translate")

    async def close(self) -> None:
        """Holds no connection."""

    async def _transcript(self, request: TranscriptionRequest, task: str) -> TranscriptResponse:
        try:
            recognized = await asyncio.to_thread(self._recognizer.recognize, request, task)
        except NoSound:
            raise ProviderRefused(400, "file") from None
        return TranscriptResponse(rendered(recognized, task, request.response_format, request.timestamp_granularities))


def build(options: Mapping[str, Any], /) -> LocalAdapter:
    """The adapter `local`. Raises ConfigError; ImportError where the extra is not installed."""
    found = convert(dict(options), LocalOptions)
    if found.language not in LANGUAGES:
        raise ConfigError(
            "language", f"No voice has the language {found.language!r}.", f"Allowed: {', '.join(LANGUAGES)}."
        )
    return LocalAdapter(found)

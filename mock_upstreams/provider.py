"""The mock provider: synthesizes real audio, transcribes and translates real audio.

It is pure computation without state: equal requests give equal results, and any number of threads may share one.
HTTP, keys, scripted faults and the journal are other modules' business.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, checked, proceed
from mock_upstreams.codecs import FORMATS, SPEECH_RATE, decode, encode_pieces, encode_stream
from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.recognition import Recognition, configured, identify, in_english, language_name, recognize
from mock_upstreams.transcripts import Transcript, check_shape, transcript_of
from mock_upstreams.voice import RECOGNITION_RATE, synthesize_pieces

_DEFAULT_VOICE = "alloy"
_DEFAULT_FORMAT = "mp3"


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """A request to `/audio/speech`; fields as in OpenAI's API reference. `None` means: not sent."""

    model: str
    input: str
    voice: str | None = None
    response_format: str | None = None
    speed: float = 1.0
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """A request to `/audio/transcriptions` or `/audio/translations`; `audio` is the uploaded file."""

    model: str
    audio: bytes
    file_name: str | None = None
    language: str | None = None
    prompt: str | None = None
    response_format: str = "json"
    temperature: float = 0.0
    timestamp_granularities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SynthesizedAudio:
    """A whole audio file, its media type as OpenAI sends it, and its format: a key of `FORMATS`."""

    data: bytes
    media_type: str
    format: str


@dataclass(frozen=True, slots=True)
class MockProvider:
    """Synthesizes, transcribes and translates. Every method is CPU work of some milliseconds per second of audio.

    `most_characters` bounds `input` and `instructions`, `most_seconds` the duration of an upload. Every method passes
    its `checkpoint` between pieces of work, for it to raise Abandoned. `transcripts`: what is said in the files of these
    names or SHA-256 digests, instead of what is recognized in them.
    """

    most_characters: int = 4096
    most_seconds: float = 3600.0
    transcripts: Mapping[str, str] = field(default_factory=dict)

    def synthesize(self, request: SpeechRequest, checkpoint: Checkpoint = proceed) -> SynthesizedAudio:
        """Returns speech: audio that `transcribe` turns back into exactly `input`.

        Model, voice, speed, format and instructions are recorded in it: `Transcript.notes` shows them.

        Raises ProviderRefusal: 400; empty or too long input, a lone surrogate, an unknown format.
        """
        name = request.response_format or _DEFAULT_FORMAT
        pieces = checked(self._pieces(request, name), checkpoint)
        return SynthesizedAudio(encode_pieces(pieces, name), FORMATS[name], name)

    def synthesize_stream(self, request: SpeechRequest) -> Iterator[bytes]:
        """Returns speech in pieces of about 0.2 s; everything is checked before the first is asked for.

        The sound is that of `synthesize`, the headers are those of a stream whose length is not known yet.

        Raises ProviderRefusal: as `synthesize`.
        """
        name = request.response_format or _DEFAULT_FORMAT
        return encode_stream(self._pieces(request, name), name)

    def transcribe(self, request: TranscriptionRequest, checkpoint: Checkpoint = proceed) -> Transcript:
        """Returns the transcript of `audio`, in the language spoken in it.

        Raises ProviderRefusal: 400; no sound, too long, or a shape that no transcript has.
        """
        recognition = self._recognize(request, checkpoint)
        language = language_name(request.language) if request.language else identify(recognition.text)
        return transcript_of(recognition, task="transcribe", language=language, temperature=request.temperature)

    def translate(self, request: TranscriptionRequest, checkpoint: Checkpoint = proceed) -> Transcript:
        """Returns the transcript of `audio`, in English.

        Raises ProviderRefusal: as `transcribe`.
        """
        recognition = self._recognize(request, checkpoint)
        recognition = in_english(recognition, identify(recognition.text))
        return transcript_of(recognition, task="translate", language="english", temperature=request.temperature)

    def _recognize(self, request: TranscriptionRequest, checkpoint: Checkpoint) -> Recognition:
        check_shape(request.response_format, request.timestamp_granularities)
        samples = decode(
            request.audio,
            RECOGNITION_RATE,
            file_name=request.file_name,
            most_seconds=self.most_seconds,
            checkpoint=checkpoint,
        )
        text = self._configured(request)
        return recognize(samples, checkpoint) if text is None else configured(samples, text)

    def _configured(self, request: TranscriptionRequest) -> str | None:
        if not self.transcripts:
            return None
        by_name = self.transcripts.get(request.file_name or "")
        return self.transcripts.get(hashlib.sha256(request.audio).hexdigest()) if by_name is None else by_name

    def _pieces(self, request: SpeechRequest, name: str) -> Iterator[NDArray[np.int16]]:
        self._check_speech(request, name)
        try:
            return synthesize_pieces(request.input, SPEECH_RATE, notes=_notes(request, name), speed=request.speed)
        except UnicodeEncodeError as error:
            raise _lone_surrogate(error) from error
        except ValueError as error:
            raise ProviderRefusal(f"The request is too long to be synthesized: {error}.") from error

    def _check_speech(self, request: SpeechRequest, name: str) -> None:
        if not request.input:
            raise _wrong(
                "input", "string too short. Expected a string with minimum length 1", "string_below_min_length"
            )
        for param, text in (("input", request.input), ("instructions", request.instructions or "")):
            if len(text) > self.most_characters:
                fault = f"string too long. Expected a string with maximum length {self.most_characters}"
                raise _wrong(param, f"{fault}, but got a string with length {len(text)}", "string_above_max_length")
        if name not in FORMATS:
            raise _wrong("response_format", f"'{name}' is none of {', '.join(FORMATS)}", "invalid_value")
        if not math.isfinite(request.speed):
            raise _wrong("speed", "expected a finite number", "invalid_value")


def _notes(request: SpeechRequest, name: str) -> dict[str, Any]:
    notes = {
        "model": request.model,
        "voice": request.voice or _DEFAULT_VOICE,
        "speed": request.speed,
        "response_format": name,
    }
    return notes if request.instructions is None else notes | {"instructions": request.instructions}


def _wrong(param: str, fault: str, code: str) -> ProviderRefusal:
    return ProviderRefusal(f"Invalid '{param}': {fault}.", param=param, code=code)


def _lone_surrogate(error: UnicodeEncodeError) -> ProviderRefusal:
    found = f"U+{ord(error.object[error.start]):04X}"
    message = f"The text holds the lone surrogate {found}, which is half a character."
    return ProviderRefusal(message, code="invalid_value", hint="send whole Unicode characters")

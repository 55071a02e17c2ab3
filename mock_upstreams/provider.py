"""The mock provider: synthesizes real audio, transcribes and translates real audio.

Equal requests give equal results, made once and kept while there is room. Any number of threads may share one provider.
HTTP, keys, scripted faults and the journal are other modules' business.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, checked, proceed
from mock_upstreams.caching import CacheCounts, ResultCache
from mock_upstreams.codecs import FORMATS, SPEECH_RATE, decode, encode_pieces, encode_stream, is_headerless
from mock_upstreams.errors import ProviderRefusal
from mock_upstreams.recognition import Recognition, configured, identify, in_english, language_name, recognize
from mock_upstreams.transcripts import Transcript, check_shape, transcript_of
from mock_upstreams.voice import RECOGNITION_RATE, synthesize_pieces

_DEFAULT_VOICE = "alloy"
_DEFAULT_FORMAT = "mp3"
_MOST_TEXT_AT_HAND = 4096  # characters whose transcript may be made without leaving the event loop
_OVERHEAD = 1024  # bytes, about, of what stands around a result

T = TypeVar("T")


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
    """A request to `/audio/transcriptions` or `/audio/translations`; `audio` is the uploaded file, `sha256` its digest."""

    model: str
    audio: bytes
    file_name: str | None = None
    language: str | None = None
    prompt: str | None = None
    response_format: str = "json"
    temperature: float = 0.0
    timestamp_granularities: tuple[str, ...] = ()
    sha256: str | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, in hexadecimal: as given, or computed."""
        return self.sha256 or hashlib.sha256(self.audio).hexdigest()


@dataclass(frozen=True, slots=True)
class SynthesizedAudio:
    """A whole audio file, its media type as OpenAI sends it, its format (a key of `FORMATS`), and its digest."""

    data: bytes
    media_type: str
    format: str
    sha256: str


class NotCached(Exception):
    """The result is not at hand: it would have to be made, which is long work."""


class MockProvider:
    """Synthesizes, transcribes and translates. Every method is CPU work of some milliseconds per second of audio.

    `most_characters` bounds `input` and `instructions`, `most_seconds` the duration of an upload. Every method passes
    its `checkpoint` between pieces of work, for it to raise Abandoned. `transcripts`: what is said in the files of these
    names or SHA-256 digests, instead of what is recognized in them. `most_cached_bytes` bounds what is kept of earlier
    results: half of it speech, half recognitions.
    """

    def __init__(
        self,
        most_characters: int = 4096,
        most_seconds: float = 3600.0,
        transcripts: Mapping[str, str] | None = None,
        most_cached_bytes: int = 64 * 2**20,
    ) -> None:
        self._most_characters = most_characters
        self.most_seconds = most_seconds
        self._transcripts = dict(transcripts or {})
        self._speech = ResultCache[SynthesizedAudio](most_cached_bytes // 2, _size_of_speech)
        self._recognitions = ResultCache[Recognition](most_cached_bytes // 2, _size_of_recognition)

    @property
    def cached(self) -> CachedResults:
        """The same provider, as far as it has its results at hand."""
        return CachedResults(self)

    def cache_counts(self) -> dict[str, CacheCounts]:
        """Returns how the caches of speech and of recognitions have been used."""
        return {"speech": self._speech.counts(), "recognition": self._recognitions.counts()}

    def synthesize(self, request: SpeechRequest, checkpoint: Checkpoint = proceed) -> SynthesizedAudio:
        """Returns speech: audio that `transcribe` turns back into exactly `input`.

        Model, voice, speed, format and instructions are recorded in it: `Transcript.notes` shows them.

        Raises ProviderRefusal: 400; empty or too long input, a lone surrogate, an unknown format.
        """
        return self._speech.get(request, lambda: self._synthesized(request, checkpoint))

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
        check_shape(request.response_format, request.timestamp_granularities)
        return _transcribed(request, self._recognition(request, checkpoint))

    def translate(self, request: TranscriptionRequest, checkpoint: Checkpoint = proceed) -> Transcript:
        """Returns the transcript of `audio`, in English.

        Raises ProviderRefusal: as `transcribe`.
        """
        check_shape(request.response_format, request.timestamp_granularities)
        return _translated(request, self._recognition(request, checkpoint))

    def speech_at_hand(self, request: SpeechRequest) -> SynthesizedAudio:
        """Returns what `synthesize` returns. Raises NotCached where it would have to be made."""
        return _at_hand(self._speech.find(request))

    def recognition_at_hand(self, request: TranscriptionRequest) -> Recognition:
        """Returns what is recognized in `audio`. Raises NotCached, also where the transcript would take its time."""
        recognition = _at_hand(self._recognitions.find(self._key(request)))
        if len(recognition.text) > _MOST_TEXT_AT_HAND:
            raise NotCached
        return recognition

    def _synthesized(self, request: SpeechRequest, checkpoint: Checkpoint) -> SynthesizedAudio:
        name = request.response_format or _DEFAULT_FORMAT
        pieces = checked(self._pieces(request, name), checkpoint)
        data = encode_pieces(pieces, name)
        return SynthesizedAudio(data, FORMATS[name], name, hashlib.sha256(data).hexdigest())

    def _recognition(self, request: TranscriptionRequest, checkpoint: Checkpoint) -> Recognition:
        return self._recognitions.get(self._key(request), lambda: self._recognized(request, checkpoint))

    def _key(self, request: TranscriptionRequest) -> tuple[str, bool, str | None]:
        """Returns all that a recognition depends on: the bytes, and a name that chooses a decoder or a transcript."""
        name = request.file_name or ""
        return request.digest, is_headerless(name), name if name in self._transcripts else None

    def _recognized(self, request: TranscriptionRequest, checkpoint: Checkpoint) -> Recognition:
        samples = decode(
            request.audio,
            RECOGNITION_RATE,
            file_name=request.file_name,
            most_seconds=self.most_seconds,
            checkpoint=checkpoint,
        )
        text = self._transcripts.get(request.file_name or "", self._transcripts.get(request.digest))
        return recognize(samples, checkpoint) if text is None else configured(samples, text)

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
            if len(text) > self._most_characters:
                fault = f"string too long. Expected a string with maximum length {self._most_characters}"
                raise _wrong(param, f"{fault}, but got a string with length {len(text)}", "string_above_max_length")
        if name not in FORMATS:
            raise _wrong("response_format", f"'{name}' is none of {', '.join(FORMATS)}", "invalid_value")
        if not math.isfinite(request.speed):
            raise _wrong("speed", "expected a finite number", "invalid_value")


@dataclass(frozen=True, slots=True)
class CachedResults:
    """A provider that never works: it has its results at hand, or raises NotCached."""

    provider: MockProvider

    def synthesize(self, request: SpeechRequest, _checkpoint: Checkpoint) -> SynthesizedAudio:
        """Returns earlier speech."""
        return self.provider.speech_at_hand(request)

    def transcribe(self, request: TranscriptionRequest, _checkpoint: Checkpoint) -> Transcript:
        """Returns the transcript of what was recognized before."""
        check_shape(request.response_format, request.timestamp_granularities)
        return _transcribed(request, self.provider.recognition_at_hand(request))

    def translate(self, request: TranscriptionRequest, _checkpoint: Checkpoint) -> Transcript:
        """Returns the translation of what was recognized before."""
        check_shape(request.response_format, request.timestamp_granularities)
        return _translated(request, self.provider.recognition_at_hand(request))


def _at_hand(result: T | None) -> T:
    if result is None:
        raise NotCached
    return result


def _transcribed(request: TranscriptionRequest, recognition: Recognition) -> Transcript:
    language = language_name(request.language) if request.language else identify(recognition.text)
    return transcript_of(recognition, task="transcribe", language=language, temperature=request.temperature)


def _translated(request: TranscriptionRequest, recognition: Recognition) -> Transcript:
    recognition = in_english(recognition, identify(recognition.text))
    return transcript_of(recognition, task="translate", language="english", temperature=request.temperature)


def _size_of_speech(audio: SynthesizedAudio) -> int:
    return len(audio.data) + _OVERHEAD


def _size_of_recognition(recognition: Recognition) -> int:
    return 4 * len(recognition.text) + _OVERHEAD * (1 + len(recognition.utterances))


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

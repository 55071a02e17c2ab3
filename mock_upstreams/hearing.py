"""What the mock provider makes of a recording: utterances with times, and the notes the mock voice left in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mock_upstreams.filler import loud_stretches, words_for
from mock_upstreams.voice import HEARING_RATE, Burst, listen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Hearing", "Utterance", "hear"]

_DAMAGED = " [inaudible]"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One stretch of speech: times in seconds, ``start <= words_start <= end``; no utterance overlaps the next.

    ``mended`` counts bytes that error correction had to repair; ``clear`` is false where the text is a guess.
    """

    text: str
    start: float
    words_start: float
    end: float
    mended: int = 0
    clear: bool = True


@dataclass(frozen=True, slots=True)
class Hearing:
    """A whole recording: its utterances in order, its duration in seconds, and the first notes found in it."""

    utterances: tuple[Utterance, ...]
    duration: float
    notes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The utterances, joined without anything between: the mock voice speaks its white space, too."""
        return "".join(utterance.text for utterance in self.utterances)


def hear(samples: NDArray[np.int16]) -> Hearing:
    """Return what is said in mono ``samples`` at 16 kHz."""
    bursts = listen(samples)
    utterances = [_utterance(burst) for burst in bursts] or _guesses(samples)
    notes = (burst.message.notes for burst in bursts if burst.message and burst.message.notes is not None)
    return Hearing(_in_turn(utterances), len(samples) / HEARING_RATE, next(notes, {}))


def _utterance(burst: Burst) -> Utterance:
    text = burst.message.text if burst.message else _DAMAGED
    return Utterance(text, burst.start, burst.words_start, burst.end, burst.mended, clear=burst.message is not None)


def _guesses(samples: NDArray[np.int16]) -> list[Utterance]:
    guesses: list[Utterance] = []
    for start, end, fingerprint in loud_stretches(samples):
        space = " " if guesses else ""
        guesses.append(Utterance(space + words_for(fingerprint, end - start), start, start, end))
    return guesses


def _in_turn(utterances: Sequence[Utterance]) -> tuple[Utterance, ...]:
    """Return the utterances, each ending before the next starts: a damaged header may announce any length."""
    in_turn = [_ending_by(earlier, later.start) for earlier, later in pairwise(utterances)]
    return (*in_turn, *utterances[-1:])


def _ending_by(utterance: Utterance, latest: float) -> Utterance:
    end = min(utterance.end, latest)
    return replace(utterance, end=end, words_start=min(utterance.words_start, end))

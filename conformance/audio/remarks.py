"""What is said about one body of audio, while it is walked and afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST_PROBLEMS = 8
"""A damaged file breaks in hundreds of places; the first few tell the story."""


@dataclass(slots=True)
class Remarks:
    """Collects what a walker sees. A problem violates the contract, a note is worth knowing and legal."""

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def problem(self, text: str) -> None:
        """Add a violation; once there are enough of them, further ones are dropped."""
        if len(self.problems) < _MOST_PROBLEMS and text not in self.problems:
            self.problems.append(text)

    def note(self, text: str) -> None:
        """Add a remark on something legal, once."""
        if text not in self.notes:
            self.notes.append(text)


@dataclass(frozen=True, slots=True)
class Structure:
    """What a format's walker found without decoding.

    `duration_s` is what the container's own arithmetic promises, in seconds. `spans` are the byte ranges to hand to a
    decoder, one after another: tags around the audio are left out of them, and every link of a chained Ogg is its own.
    `decodable` is false for the rare legal stream that the decoder at hand cannot read.
    """

    remarks: Remarks
    duration_s: float = 0.0
    sample_rate: int = 0
    channels: int = 0
    spans: tuple[tuple[int, int], ...] = ()
    decodable: bool = True


@dataclass(frozen=True, slots=True)
class AudioReport:
    """The judgement on one body of audio (contract: Speech, Response; rulings: audio bytes).

    `problems` are violations, `notes` legal oddities. `duration_s` is in seconds, `sample_rate` in hertz; both are 0
    where nothing could be decoded, and `sample_rate` and `channels` are assumptions for pcm, which carries neither.
    """

    format: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    duration_s: float
    sample_rate: int
    channels: int
    codec: str

    @property
    def ok(self) -> bool:
        """Whether nothing violates the contract."""
        return not self.problems

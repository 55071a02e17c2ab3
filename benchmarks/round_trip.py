"""Speaks random texts through every format and a chain of codecs, and counts the texts that are heard exactly.

    python -m benchmarks.round_trip --texts 1000 --seed 7

Equal seed and count, equal texts. Exit status 1 when any text was heard wrongly or the time ran out, else 0.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mock_upstreams import FORMATS, MockProvider, SpeechRequest, TranscriptionRequest
from mock_upstreams.codecs import SPEECH_RATE, decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_CHAIN = ("mp3", "opus", "aac")
_CHAIN_NAME = " > ".join(_CHAIN)
_BATCH = 20  # texts per task: small enough that the time limit is kept

# Ranges of characters a text may draw on: (first, last) code points, surrogates left out.
_SCRIPTS = (
    ((0x20, 0x7E),),
    ((0x20, 0x7E), (0xA0, 0x24F)),
    ((0x20, 0x20), (0x400, 0x45F)),
    ((0x20, 0x20), (0x5D0, 0x5EA), (0x620, 0x64A)),
    ((0x900, 0x939), (0xE00, 0xE3A)),
    ((0x3040, 0x30FF), (0x4E00, 0x9FFF)),
    ((0x1F300, 0x1F64F), (0x200D, 0x200D), (0xFE0F, 0xFE0F)),
    ((0x00, 0x20), (0x85, 0x85), (0x2028, 0x2029)),
    ((0x00, 0xD7FF), (0xE000, 0x10FFFF)),
)


@dataclass(frozen=True, slots=True)
class _Score:
    """How one way through the codecs did: texts tried, texts heard wrongly (the first few), seconds of CPU."""

    tried: int = 0
    wrong: tuple[str, ...] = ()
    cpu: float = 0.0

    def __add__(self, other: _Score) -> _Score:
        return _Score(self.tried + other.tried, (*self.wrong, *other.wrong), self.cpu + other.cpu)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The texts of one task: numbers ``first`` to ``last - 1`` of a seed, through one way."""

    way: str
    seed: int
    first: int
    last: int
    longest: int
    stop_at: float  # by time.time(), which all processes share


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark and return its exit status."""
    options = _parser().parse_args(arguments)
    started = time.time()
    batches = list(_batches(options, started + options.limit))
    with ProcessPoolExecutor(options.processes) as pool:
        scores = {way: _Score() for way in _WAYS}
        for batch, score in zip(batches, pool.map(_run, batches), strict=True):
            scores[batch.way] += score
    report = [
        f"seed {options.seed}, {options.texts} texts of 1 to {options.longest} characters per way",
        *(_line(way, score, options.texts) for way, score in scores.items()),
        f"{time.time() - started:.1f} s with {options.processes} processes",
    ]
    sys.stdout.write("\n".join(report) + "\n")
    return int(any(score.wrong or score.tried < options.texts for score in scores.values()))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.round_trip", description=__doc__)
    parser.add_argument("--texts", type=int, default=1000, help="texts per format and for the chain")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--longest", type=int, default=400, help="characters; one text in twenty is this long")
    parser.add_argument("--limit", type=float, default=900.0, help="seconds after which no further text is tried")
    parser.add_argument("--processes", type=int, default=2)
    return parser


def _batches(options: argparse.Namespace, stop_at: float) -> Iterator[_Batch]:
    for first in range(0, options.texts, _BATCH):
        last = min(first + _BATCH, options.texts)
        for way in _WAYS:
            yield _Batch(way, options.seed, first, last, options.longest, stop_at)


def _run(batch: _Batch) -> _Score:
    started, tried, wrong = time.process_time(), 0, []
    for number in range(batch.first, batch.last):
        if time.time() > batch.stop_at:
            break
        text = _text(batch.seed, number, batch.longest)
        tried += 1
        if _WAYS[batch.way](text) != text:
            wrong.append(f"text {number}: {text[:60]!r}")
    return _Score(tried, tuple(wrong), time.process_time() - started)


def _text(seed: int, number: int, longest: int) -> str:
    chance = random.Random(f"{seed}:{number}")  # noqa: S311 - must repeat, need not be secret
    ranges = chance.choice(_SCRIPTS)
    length = longest if number % 20 == 0 else chance.randint(1, longest)
    return "".join(chr(chance.randint(*chance.choice(ranges))) for _ in range(length))


def _through_format(name: str) -> Callable[[str], str]:
    def heard(text: str) -> str:
        audio = MockProvider().synthesize(SpeechRequest("tts-1", text, voice="nova", response_format=name, speed=4))
        return _heard(audio.data, name)

    return heard


def _through_chain(text: str) -> str:
    """Return what is heard after the speech was transcoded from each format of the chain to the next."""
    first, *others = _CHAIN
    data = MockProvider().synthesize(SpeechRequest("tts-1", text, response_format=first, speed=4)).data
    for name in others:
        data = encode(decode(data, SPEECH_RATE), name)
    return _heard(data, _CHAIN[-1])


def _heard(data: bytes, name: str) -> str:
    return MockProvider().transcribe(TranscriptionRequest("whisper-1", data, file_name=f"speech.{name}")).text


_WAYS: dict[str, Callable[[str], str]] = {name: _through_format(name) for name in FORMATS} | {
    _CHAIN_NAME: _through_chain
}


def _line(way: str, score: _Score, wanted: int) -> str:
    each = 1000 * score.cpu / max(1, score.tried)
    exact = score.tried - len(score.wrong)
    missing = f", {wanted - score.tried} not tried" if score.tried < wanted else ""
    return "\n  ".join([f"{way:18} {exact}/{score.tried} exact{missing}, {each:.0f} ms CPU each", *score.wrong[:5]])


if __name__ == "__main__":
    sys.exit(main())

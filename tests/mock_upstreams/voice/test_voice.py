"""Speaking and listening: what is said is heard, wherever it is and whatever happened to the sound."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray

from mock_upstreams.voice import RECOGNITION_RATE, Burst, demodulate, synthesize
from mock_upstreams.voice.framing import Message, seal
from mock_upstreams.voice.tones import chirp, modulate

_TEXT = "The quick brown fox jumped over the lazy dog. Zażółć gęślą jaźń! 世界 is the second half of this sentence."


def _said(bursts: tuple[Burst, ...]) -> list[str | None]:
    return [burst.message.text if burst.message else None for burst in bursts]


def _spoken() -> NDArray[np.float64]:
    return synthesize(_TEXT, RECOGNITION_RATE, notes={"voice": "alloy"}).astype(np.float64)


def _heard(wave: NDArray[np.float64]) -> str:
    samples = np.clip(np.rint(wave), -32768, 32767).astype(np.int16)
    return "".join(text or "?" for text in _said(demodulate(samples)))


def _echo(wave: NDArray[np.float64]) -> NDArray[np.float64]:
    return wave + 0.3 * np.concatenate([np.zeros(800), wave[:-800]])


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda wave: wave, id="none"),
        pytest.param(lambda wave: wave + np.random.default_rng(7).normal(0, wave.std(), len(wave)), id="noise, 0 dB"),
        pytest.param(lambda wave: wave * 0.002, id="very quiet"),
        pytest.param(lambda wave: wave * 20, id="clipped"),
        pytest.param(lambda wave: -wave, id="inverted"),
        pytest.param(lambda wave: wave + 9000, id="constant offset"),
        pytest.param(_echo, id="echo"),
        pytest.param(lambda wave: np.concatenate([np.zeros(33_333), wave, np.zeros(50_000)]), id="silence around it"),
    ],
)
def test_it_is_heard_through_damage(damage) -> None:
    """Damage that any recording chain may do leaves the text exact."""
    assert _heard(damage(_spoken())) == _TEXT


def test_two_recordings_in_a_row_are_heard_in_order() -> None:
    """Splicing joins the texts; the notes of both survive."""
    first, second = (
        synthesize("One.", RECOGNITION_RATE, notes={"n": 1}),
        synthesize("Two.", RECOGNITION_RATE, notes={"n": 2}),
    )
    bursts = demodulate(np.concatenate([first, second]))
    assert [burst.message for burst in bursts] == [Message("One.", {"n": 1}), Message("Two.", {"n": 2})]


def test_a_cut_recording_keeps_its_whole_sentences() -> None:
    """The sentence that was cut is reported as damaged, never with a wrong text."""
    samples = synthesize(_TEXT, RECOGNITION_RATE)
    whole = demodulate(samples)
    middle = (whole[-1].words_start + whole[-1].end) / 2
    cut = demodulate(samples[: round(middle * RECOGNITION_RATE)])
    assert _said(cut) == [*_said(whole)[:-1], None]


def test_bursts_know_their_times() -> None:
    """Times rise, lie within the recording, and the message starts after its header."""
    samples = synthesize(_TEXT, RECOGNITION_RATE)
    times = [at for burst in demodulate(samples) for at in (burst.start, burst.words_start, burst.end)]
    assert times == sorted(times)
    assert 0 < times[0] < 0.2
    assert times[-1] <= len(samples) / RECOGNITION_RATE


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros(0, np.int16), id="nothing"),
        pytest.param(np.zeros(10, np.int16), id="ten samples"),
        pytest.param(np.zeros(160_000, np.int16), id="silence"),
        pytest.param(np.full(160_000, -32768, np.int16), id="constant"),
        pytest.param((9000 * np.sin(np.arange(160_000) * 0.3)).astype(np.int16), id="a tone"),
        pytest.param((9000 * np.sin(np.arange(160_000) ** 2 * 1e-5)).astype(np.int16), id="a slow sweep"),
        pytest.param(np.random.default_rng(3).integers(-32768, 32767, 160_000, np.int16), id="noise"),
    ],
)
def test_other_sounds_say_nothing(samples: NDArray[np.int16]) -> None:
    """No sound but the voice's own is taken for speech."""
    assert demodulate(samples) == ()


@pytest.mark.slow
def test_a_recording_of_false_starts_costs_bounded_time() -> None:
    """Thousands of chirps, or of headers that announce the largest body, stop the listener instead of busying it."""
    lone = (chirp(RECOGNITION_RATE) * 16_000).astype(np.int16)
    long_text = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(15_000))
    header = modulate(seal(Message(long_text))[:14], RECOGNITION_RATE)
    start = time.process_time()
    assert demodulate(np.tile(np.pad(lone, (0, 300)), 3000)) == ()
    assert 0 < len(demodulate(np.tile(header, 1200))) <= 501
    assert time.process_time() - start < 30

"""Coordinates of what is drawn: recordings as waves, times as bars. The template only writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.reports.latency import LatencyReport, classes

_HEIGHT = 40
_STEP = 4
_BAR_WIDTH = 22


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Wave:
    """A recording: a bar for each stretch of it, in a box of `width` by `height`."""

    width: int
    height: int
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """The times of one operation as a histogram."""

    latency: LatencyReport
    width: int
    height: int
    bars: tuple[Bar, ...]
    first: str
    last: str


def wave_of(peaks: Sequence[int]) -> Wave:
    """Bars around a middle line; silence is a thin one, so that it is seen."""
    bars = []
    for number, peak in enumerate(peaks):
        height = max(1.0, _HEIGHT * peak / 100)
        bars.append(Bar(number * _STEP, round((_HEIGHT - height) / 2, 2), _STEP - 1, round(height, 2)))
    return Wave(len(peaks) * _STEP, _HEIGHT, tuple(bars))


def plot_of(latency: LatencyReport) -> Plot:
    """A bar for each class of times between the first and the last that anything fell into."""
    names, counts = classes(), latency.histogram
    met = [index for index, count in enumerate(counts) if count]
    shown = range(min(met, default=0), max(met, default=0) + 1)
    highest = max(counts, default=0) or 1
    bars = []
    for place, index in enumerate(shown):
        height = round(60 * counts[index] / highest, 2)
        label = f"{names[index]}: {counts[index]}"
        bars.append(Bar(place * (_BAR_WIDTH + 4), 60 - height, _BAR_WIDTH, height, label))
    width = len(shown) * (_BAR_WIDTH + 4)
    return Plot(latency, width, 60, tuple(bars), names[shown[0]], names[shown[-1]])

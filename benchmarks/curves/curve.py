"""A curve: figures over a size, and the power of the size that they grow with."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

MARGIN = 0.2
"""By how much a measured power may exceed the allowed one: what noise does to it."""

Figures = dict[str, float]
"""What was measured at one size, by the name of the line."""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure over the size. `most` is the power of the size that it may grow with at most, `least` at least.

    A power of 0 is flat, of 1 linear. Where neither is given the line is drawn and not judged.
    """

    name: str
    unit: str
    most: float | None = None
    least: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Lines over sizes of one kind. `measure` yields the figures of each size, once; it is called again for each round."""

    name: str
    title: str
    size: str
    sizes: tuple[int, ...]
    lines: tuple[Line, ...]
    measure: Callable[[Sequence[int]], Iterator[tuple[int, Figures]]]


@dataclass(slots=True)
class Measured:
    """The samples of a line, by size."""

    line: Line
    samples: dict[int, list[float]] = field(default_factory=dict)

    @property
    def medians(self) -> dict[int, float]:
        """The median of each size, smallest size first."""
        return {size: statistics.median(found) for size, found in sorted(self.samples.items())}

    @property
    def power(self) -> float:
        """The power of the size that it grows with: over all sizes or over the larger half, whichever is worse.

        A fixed cost hides at small sizes how the rest grows.
        """
        points = list(self.medians.items())
        slopes = _slope(points), _slope(points[(len(points) - 1) // 2 :])
        return max(slopes) if self.line.least is None else min(slopes)

    @property
    def is_kept(self) -> bool:
        """Whether it grows with no higher power than allowed, and with no lower one."""
        above = self.line.most is not None and self.power > self.line.most + MARGIN
        below = self.line.least is not None and self.power < self.line.least - MARGIN
        return not above and not below


def _slope(points: list[tuple[int, float]]) -> float:
    """The slope of a straight line through the points, both axes logarithmic; 0 where there are too few."""
    if len(points) < 2:
        return 0.0
    sizes = [math.log(size) for size, _ in points]
    costs = [math.log(max(cost, 1e-9)) for _, cost in points]
    return statistics.linear_regression(sizes, costs).slope

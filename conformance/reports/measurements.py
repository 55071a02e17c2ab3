"""How quick a gateway is when nothing else is asked of it, by operation and size: measurements, which no verdict rests on.

docs/reading-a-report.md defines each. Times are of a few requests, one after another, on one connection that is open.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import msgspec


class Times(msgspec.Struct, frozen=True):
    """Milliseconds of several requests."""

    least: float
    median: float
    most: float


class MeasurementReport(msgspec.Struct, frozen=True):
    """The times of one operation for one size; `bytes` is what the recording takes, sent or received.

    `provider` is what the provider behind took by its own account, `overhead` what is left of the time to the last byte.
    """

    operation: str
    size: str
    bytes: int
    count: int
    first_byte: Times
    last_byte: Times
    provider: Times | None = None
    overhead: Times | None = None


class Sample(msgspec.Struct, frozen=True):
    """One request: seconds to the first and the last byte, those of the provider where it told them, and bytes."""

    first_s: float
    last_s: float
    provider_s: float | None
    size: int


def measurement_of(operation: str, size: str, samples: Sequence[Sample]) -> MeasurementReport:
    """What several requests come to, of which there is one at least; what the provider took only where it told of each."""
    told = [(each.provider_s, each.last_s) for each in samples if each.provider_s is not None]
    whole = told if len(told) == len(samples) else []
    return MeasurementReport(
        operation,
        size,
        round(median(each.size for each in samples)),
        len(samples),
        _times([each.first_s for each in samples]),
        _times([each.last_s for each in samples]),
        _times([provider for provider, _ in whole]) if whole else None,
        _times([last - provider for provider, last in whole]) if whole else None,
    )


def _times(seconds: Sequence[float]) -> Times:
    return Times(*(round(1000 * value, 1) for value in (min(seconds), median(seconds), max(seconds))))

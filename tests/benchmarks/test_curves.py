"""The powers that curves are judged by, and the command that ends with 1 where one is too high."""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks import growth
from benchmarks.curves import calls, scripts
from benchmarks.curves.curve import Curve, Figures, Line, Measured

SIZES = (10, 100, 1_000, 10_000)


def measured(cost: Callable[[int], float], **bounds: float) -> Measured:
    return Measured(Line("cost", "ms", **bounds), {size: [cost(size)] for size in SIZES})


@pytest.mark.parametrize(
    ("cost", "power"),
    [
        (lambda _: 3.0, 0),
        (lambda size: 0.2 * size, 1),
        (lambda size: size**2 / 7, 2),
        (lambda size: 10_000 + size**2, 1.7),  # the fixed cost hides it at three of the four sizes
    ],
)
def test_the_power_is_that_of_the_size(cost: Callable[[int], float], power: float) -> None:
    assert measured(cost, most=0).power == pytest.approx(power, abs=0.15)


def test_what_grows_faster_than_allowed_is_not_kept() -> None:
    assert measured(lambda size: size, most=1).is_kept
    assert not measured(lambda size: size**1.5, most=1).is_kept
    assert measured(lambda size: 5 + size / 10_000, most=0).is_kept
    assert not measured(lambda size: 5 + size / 100, most=0).is_kept


def test_what_must_not_fall_may_rise() -> None:
    assert measured(lambda size: size, least=0).is_kept
    assert not measured(lambda size: 1 / size, least=0).is_kept


def test_one_slow_round_of_several_does_not_count() -> None:
    noisy = Measured(Line("cost", "ms", most=0), {size: [1.0, 1.0, 1.0] for size in SIZES})
    noisy.samples[10_000] = [1.0, 90.0, 1.0]
    assert noisy.is_kept


def a_curve(power: float) -> Curve:
    noise = itertools.cycle((1.0, 1.1, 0.9))

    def measure(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
        yield from ((size, {"cost": size**power * next(noise)}) for size in sizes)

    return Curve("made-up", "A curve of the test's own", "things", SIZES, (Line("cost", "ms", most=1),), measure)


@pytest.mark.parametrize(("power", "status"), [(0.9, 0), (1.6, 1)])
def test_the_command_judges_and_keeps_figures_and_plot(
    power: float, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plot's words are text, so that a page can be searched for them."""
    pytest.importorskip("matplotlib", reason="matplotlib is missing: the dependency group `benchmarks` has it")
    monkeypatch.setattr(growth, "CURVES", {"made-up": a_curve(power)})
    monkeypatch.setattr(sys, "argv", ["growth", "--rounds", "2", "--out", str(tmp_path)])

    assert growth.main() == status
    assert ("BROKEN cost: power 1.6" in capsys.readouterr().out) is bool(status)
    kept = json.loads((tmp_path / "made-up.json").read_text())
    assert [len(found) for found in kept["lines"][0]["samples"].values()] == [2, 2, 2, 2]
    assert "A curve of the test's own" in (tmp_path / "made-up.svg").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("curve", [calls.CURVE, scripts.CURVE], ids=lambda curve: curve.name)
def test_a_small_slice_is_measured(curve: Curve) -> None:
    """Every line gets a figure at every size."""
    figures = dict(curve.measure((10, 100)))
    assert list(figures) == [10, 100]
    for found in figures.values():
        assert set(found) == {line.name for line in curve.lines}
        assert all(figure > 0 for figure in found.values())

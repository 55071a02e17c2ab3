"""Draws a curve as SVG: both axes logarithmic, a panel for each unit, text as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.curves.curve import Curve, Measured

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MARKS = "os^Dv*"
_LEAST_RANGE = 30


def draw(curve: Curve, measured: Sequence[Measured], file: Path) -> None:
    """Writes the plot. A dotted line shows how a cost would rise that grows as the size does."""
    import matplotlib as mpl  # noqa: PLC0415 - of a dependency group that no other command needs

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "growth", "font.size": 8, "svg.fonttype": "none"})
    from matplotlib import pyplot as plt  # noqa: PLC0415
    from matplotlib.ticker import NullFormatter  # noqa: PLC0415

    units = list(dict.fromkeys(each.line.unit for each in measured))
    figure, panels = plt.subplots(1, len(units), figsize=(4.2 * len(units), 4), layout="constrained", squeeze=False)
    figure.suptitle(curve.title)
    for panel, unit in zip(panels[0], units, strict=True):
        shown = [each for each in measured if each.line.unit == unit]
        for mark, each in zip(_MARKS * len(shown), shown, strict=False):
            panel.plot(*zip(*each.medians.items(), strict=True), marker=mark, markersize=3.5, label=_label(each))
        panel.set(xscale="log", yscale="log", xlabel=curve.size, ylabel=unit)
        if max(curve.sizes) < 10:  # else no tick but the first is at a power of ten
            panel.set_xticks(curve.sizes)
        _widen(panel)
        if any(each.line.most for each in shown):
            _guide(panel, shown)
        for axis in (panel.xaxis, panel.yaxis):
            axis.set_major_formatter(lambda value, _: f"{value:,g}" if value < 1e6 else f"{value / 1e6:g}M")
            axis.set_minor_formatter(NullFormatter())
        panel.grid(visible=True, which="major", linewidth=0.3)
        panel.legend(loc="upper center", bbox_to_anchor=(0.5, -0.16), fontsize=7)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _label(measured: Measured) -> str:
    line = measured.line
    allowed = (
        f", at most {line.most:g}"
        if line.most is not None
        else f", at least {line.least:g}"
        if line.least is not None
        else ""
    )
    return f"{line.name}: power {measured.power:.2f}{allowed}"


def _guide(panel: Axes, shown: Sequence[Measured]) -> None:
    """A line of power 1 up to the highest point."""
    sizes = sorted({size for each in shown for size in each.medians})
    low, top = panel.get_ylim()[0], max(max(each.medians.values()) for each in shown)
    start = max(sizes[0], sizes[-1] * low / top)
    panel.plot(
        [start, sizes[-1]], [top * start / sizes[-1], top], ":", color="grey", linewidth=0.9, label="as the size"
    )


def _widen(panel: Axes) -> None:
    """Shows no less than a factor of 30, so that noise around a flat line does not look like growth."""
    low, high = panel.get_ylim()
    if high / low < _LEAST_RANGE:
        middle = (high * low) ** 0.5
        panel.set_ylim(middle / _LEAST_RANGE**0.5, middle * _LEAST_RANGE**0.5)

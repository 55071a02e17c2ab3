"""Draws a curve as SVG: both axes logarithmic, a panel for each unit, text as text."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.curves.curve import Curve, Measured

_MARKS = "os^Dv*"


def draw(curve: Curve, measured: Sequence[Measured], file: Path) -> None:
    """Writes the plot. A dotted line shows how a cost would rise that grows as the size does."""
    import matplotlib as mpl  # noqa: PLC0415 - of a dependency group that no other command needs

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "growth", "font.size": 8, "svg.fonttype": "none"})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    units = list(dict.fromkeys(each.line.unit for each in measured))
    figure, panels = plt.subplots(1, len(units), figsize=(4.4 * len(units), 3.4), layout="constrained", squeeze=False)
    figure.suptitle(curve.title)
    for panel, unit in zip(panels[0], units, strict=True):
        shown = [each for each in measured if each.line.unit == unit]
        for mark, each in zip(_MARKS * len(shown), shown, strict=False):
            panel.plot(*zip(*each.medians.items(), strict=True), marker=mark, markersize=3.5, label=_label(each))
        panel.set(xscale="log", yscale="log", xlabel=curve.size, ylabel=unit)
        _guide(panel, shown)
        panel.grid(visible=True, which="major", linewidth=0.3)
        panel.legend(fontsize=7)
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _label(measured: Measured) -> str:
    return f"{measured.line.name} (power {measured.power:.2f})"


def _guide(panel, shown: Sequence[Measured]) -> None:  # noqa: ANN001 - an axis of matplotlib's, which is imported late
    """A line of power 1 up to the highest point, where the axis is left as the data want it."""
    low, high = panel.get_ylim()
    sizes = sorted({size for each in shown for size in each.medians})
    top, last = max(max(each.medians.values()) for each in shown), sizes[-1]
    panel.plot(sizes, [top * size / last for size in sizes], ":", color="grey", linewidth=0.8, label="as the size")
    if high / low < 10:  # so that noise around a flat line does not look like growth
        middle = (high * low) ** 0.5
        low, high = middle / 10**0.5, middle * 10**0.5
    panel.set_ylim(low, high)

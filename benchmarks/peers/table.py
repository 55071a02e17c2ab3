"""What was measured as a table in Markdown and as a plot."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

from benchmarks.peers.measuring import OPERATIONS, Effort, Sample, Subject

# What each column shows, from which member, with how many digits.
_COLUMNS: tuple[tuple[str, Callable[[Sample], float], int], ...] = (
    ("requests/s", lambda sample: sample.requests_per_s, 0),
    ("p50 ms", lambda sample: sample.p50_ms, 1),
    ("p99 ms", lambda sample: sample.p99_ms, 1),
    ("CPU ms/request", lambda sample: sample.cpu_ms, 2),
    ("peak MB", lambda sample: sample.peak_mb, 0),
    ("first answer s", lambda sample: sample.first_answer_s, 2),
)
_OVERHEAD = "overhead ms"


def markdown(subjects: Sequence[Subject], effort: Effort) -> str:
    """A table for each operation, and what could not be measured."""
    lines = [f"{date.today().isoformat()}, {_machine()}. {_explained(effort)}"]  # noqa: DTZ011 - the reader's calendar
    for operation in OPERATIONS:
        heads = [name for name, _, _ in _COLUMNS]
        lines += [
            "",
            f"**{operation}**",
            "",
            f"| | {' | '.join(heads)} | {_OVERHEAD} |",
            "|---|" + "---:|" * (len(heads) + 1),
        ]
        lines += [_row(subject, operation) for subject in _sorted(subjects, operation)]
    missing = [
        (each, operation, _times(each, operation) + why) for each in subjects for operation, why in each.failed.items()
    ]
    if missing:
        lines += ["", "Not measured:", ""]
        lines += [f"- {each.name} ({each.version}), {operation}: {_inline(why)}" for each, operation, why in missing]
    return "\n".join(lines) + "\n"


def plot(subjects: Sequence[Subject], file: Path) -> None:
    """CPU time for a request, by operation: a bar of the median, a line from the lowest to the highest round."""
    import matplotlib as mpl  # noqa: PLC0415 - of a dependency group that no other command needs

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "peers", "font.size": 8, "svg.fonttype": "none"})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, places = plt.subplots(1, len(OPERATIONS), figsize=(10, 4.2), layout="constrained")
    for place, operation in zip(places, OPERATIONS, strict=True):
        shown = _sorted(subjects, operation)
        values = [[sample.cpu_ms for sample in each.samples[operation]] for each in shown]
        middles = [statistics.median(each) for each in values]
        below = [middle - min(each) for middle, each in zip(middles, values, strict=True)]
        above = [max(each) - middle for middle, each in zip(middles, values, strict=True)]
        colours = ["tab:blue" if each.version == "this checkout" else "silver" for each in shown]
        place.barh([each.name for each in shown], middles, xerr=[below, above], color=colours)
        place.set(title=f"{operation}: CPU ms/request (log)", xscale="log")
        place.invert_yaxis()
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)


def _times(subject: Subject, operation: str) -> str:
    measured = len(subject.samples.get(operation, ()))
    return f"in all but {measured} rounds, " if measured else ""


def _sorted(subjects: Iterable[Subject], operation: str) -> list[Subject]:
    measured = [each for each in subjects if each.samples.get(operation)]
    return sorted(measured, key=lambda each: statistics.median(sample.cpu_ms for sample in each.samples[operation]))


def _row(subject: Subject, operation: str) -> str:
    samples = subject.samples[operation]
    cells = [_spread([member(sample) for sample in samples], digits) for _, member, digits in _COLUMNS]
    added = [sample.overhead_ms for sample in samples if sample.overhead_ms is not None]
    name = subject.name if subject.version in {"", "this checkout"} else subject.version
    return f"| {name} | {' | '.join(cells)} | {_spread(added, 1) if added else ''} |"


def _spread(values: Sequence[float], digits: int) -> str:
    """The median, and the lowest and the highest."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _explained(effort: Effort) -> str:
    return (
        f"Medians of {effort.rounds} rounds, lowest to highest; {effort.connections} connections, "
        f"{effort.seconds:.0f} s for each operation and round. Gateways stand before the bare handler, and their overhead "
        "is their p50 less that of the handler alone just before."
    )


def _machine() -> str:
    model = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    return f"{os.cpu_count()} cores{' (' + model.partition(': ')[2] + ')' if model else ''}, {platform.system()}"


def _inline(text: str) -> str:
    return "`" + " ".join(text.split()).replace("`", "'")[:240] + "`"

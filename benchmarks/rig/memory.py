"""What processes take in memory, as Linux tells it in ``/proc``. All sizes in bytes."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_KIB = 1024


class Memory(NamedTuple):
    """Sums over a process and its descendants: resident now, and each one's highest resident size (``VmHWM``) so far.

    Pages that processes share count in each of them, so the true figures are lower.
    """

    resident: int
    peak: int
    processes: int


def tree_of(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    with suppress(OSError):  # a process may end while it is looked at
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += tree_of(int(child))
    return found


def memory_of(pid: int) -> Memory:
    """The memory of a process and its descendants."""
    fields = [found for each in tree_of(pid) if (found := _status(each))]
    return Memory(sum(each["VmRSS"] for each in fields), sum(each["VmHWM"] for each in fields), len(fields))


def share_of(pid: int) -> int:
    """The memory of a process and its descendants, with a page that several of them share counted once."""
    shares = []
    for each in tree_of(pid):
        with suppress(OSError):
            lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
            shares += [int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:")]
    return sum(shares)


def peak_from_now(pid: int) -> None:
    """Let the peaks of a process and its descendants count from now on."""
    for each in tree_of(pid):
        with suppress(OSError):
            Path(f"/proc/{each}/clear_refs").write_text("5")


def _status(pid: int) -> dict[str, int]:
    """The sizes in ``/proc/PID/status``; nothing for a process that has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    sizes = {name: value.split() for name, _, value in (line.partition(":") for line in lines) if name.startswith("Vm")}
    return {name: int(value[0]) * _KIB for name, value in sizes.items()}


def megabytes(size: float) -> str:
    """A size in words, in units of 1,000,000 bytes."""
    return f"{size / 1e6:.0f} MB"

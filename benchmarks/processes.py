"""Memory of a server that runs as several processes, as Linux tells it."""

from __future__ import annotations

from pathlib import Path

MIB = 1024 * 1024


def family(pid: int) -> list[int]:
    """`pid` and its descendants."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in family(int(child)))]


def memory_bytes(pid: int, *, peak: bool = False) -> int:
    """Resident memory of `pid` and its descendants together; with `peak`, the sum of their highest marks."""
    return sum(_status(each, "VmHWM" if peak else "VmRSS") for each in family(pid))


def _status(pid: int, key: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{key}:"))

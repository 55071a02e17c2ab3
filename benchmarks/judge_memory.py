"""The memory of the judge: how much the process of the suite takes at most while it judges, and in which checks.

    python -m benchmarks.judge_memory                       # a gateway that takes 25 MB, effort standard
    python -m benchmarks.judge_memory --max-upload-mb 4 --effort quick --select 'limits.body.*'

The gateway and the mock run in processes of their own, so that only the suite is measured: `VmHWM` of
its process. Prints the verdict, the seconds, the highest resident size, and the size at which it stood every second
where it rose. Ends with status 1 above `--most` megabytes (of 1,000,000 bytes).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from benchmarks.rig.memory import megabytes
from tests.mutants.judging import shared_mock
from tests.mutants.place import settings, target
from tests.servers import CHECKOUT, running_gateway

_LOOK_S = 0.05
_RISE = 20_000_000


@contextmanager
def declared(max_upload_mb: float) -> Iterator[Path]:
    """A reference server that takes uploads of so many megabytes; yields the file that declares all but its lifecycle."""
    takes = {"max_upload_mb": max_upload_mb}
    with (
        TemporaryDirectory() as folder,
        shared_mock() as mock,
        running_gateway({**settings(mock), **takes}) as gateway,
    ):
        port = int(gateway.origin.rpartition(":")[2])
        document: dict[str, Any] = {**target(port, mock, Path(folder)), **takes}
        del document["lifecycle"]
        file = Path(folder, "target.yaml")
        file.write_text(yaml.safe_dump(document), "utf-8")
        yield file


def judged(file: Path, options: list[str], folder: Path) -> tuple[int, list[tuple[float, int]]]:
    """Judges what a file declares; the exit status, and the times at which the highest resident size had risen, in bytes."""
    command = [sys.executable, "-m", "conformance", "run", str(file), "--report-dir", str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdout=output, stderr=output, cwd=folder, env=environment
        )
        began, rises = time.monotonic(), [(0.0, 0)]
        while process.poll() is None:
            peak = _peak(process.pid)
            if peak - rises[-1][1] > _RISE:
                rises.append((time.monotonic() - began, peak))
            time.sleep(_LOOK_S)
    return process.returncode, rises


def _peak(pid: int) -> int:
    """`VmHWM` of one process, without its children; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    sizes = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    return int(sizes[0]) * 1024 if sizes else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-upload-mb", type=float, default=25)
    parser.add_argument("--effort", choices=["quick", "standard", "thorough"], default="standard")
    parser.add_argument("--seed", default="0")
    parser.add_argument("--select", action="append", default=[], metavar="GLOB")
    parser.add_argument("--most", type=float, default=400, help="megabytes above which it ends with status 1")
    arguments = parser.parse_args()
    options = ["--effort", arguments.effort, "--seed", arguments.seed]
    options += [word for glob in arguments.select for word in ("--select", glob)]
    with TemporaryDirectory() as name, declared(arguments.max_upload_mb) as file:
        began = time.monotonic()
        status, rises = judged(file, options, Path(name))
        seconds = time.monotonic() - began
        said = Path(name, "output").read_text("utf-8", "replace")
    print("\n".join(said.splitlines()[-12:]))  # noqa: T201
    print("rises:", ", ".join(f"{megabytes(size)} at {at:.0f} s" for at, size in rises[1:]))  # noqa: T201
    print(f"status {status}, {seconds:.0f} s, peak {megabytes(rises[-1][1])}")  # noqa: T201
    return 1 if rises[-1][1] > arguments.most * 1e6 else 0


if __name__ == "__main__":
    sys.exit(main())

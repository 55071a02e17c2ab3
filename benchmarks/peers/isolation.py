"""A network of their own for programs that cannot be told to listen on the loopback interface alone: there is no other."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from functools import cache

_LOOPBACK_UP = 'ip link set lo up && exec "$@"'


@cache
def lacks() -> str:
    """What this machine lacks for it; empty where it lacks nothing."""
    if missing := [each for each in ("unshare", "ip") if not shutil.which(each)]:
        return f"no {' and no '.join(missing)} here (util-linux, iproute2)"
    tried = subprocess.run(isolated(["true"]), check=False, capture_output=True, text=True)  # noqa: S603 - our own
    return f"no network namespace can be made here: {tried.stderr.strip()}" if tried.returncode else ""


def run_isolated(command: Sequence[str], timeout_s: float | None = None) -> int:
    """Runs the command so and waits for it; its status. It ends with this process, whoever ends that."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    return subprocess.run(isolated(command), check=False, timeout=timeout_s).returncode  # noqa: S603 - our own


def isolated(command: Sequence[str]) -> list[str]:
    """The command in a new network namespace, and a process namespace: whatever it started ends when it does."""
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    alone = ["--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    return ["unshare", *alone, *as_root, "sh", "-c", _LOOPBACK_UP, "sh", *command]

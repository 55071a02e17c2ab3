"""Memory of the embedded gateway under its dearest requests."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.servers import RunningGateway, running_gateway

MOST_MB = 500
CALLS = 6


def _worker(gateway: RunningGateway) -> int:
    children = Path(f"/proc/{gateway.process.pid}/task/{gateway.process.pid}/children")
    return int(children.read_text().split()[-1])


def _peak_mb(pid: int) -> float:
    """The most that the process ever had in memory at a time, by the kernel's own count."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the kernel's count of memory is read from /proc")
def test_six_of_the_longest_speeches_stay_below_500_mb() -> None:
    """4,096 characters at a quarter of the pace, as wav: 47 MB each."""
    body = {"model": "tts-1", "input": "word. " * 682, "speed": 0.25, "response_format": "wav"}
    with running_gateway() as gateway, ThreadPoolExecutor(CALLS) as pool:
        started = threading.Barrier(CALLS)

        def speak(_: int) -> int:
            started.wait(30)
            return len(
                httpx.post(f"{gateway.base_url}/audio/speech", headers=gateway.headers, json=body, timeout=120).content
            )

        sizes = list(pool.map(speak, range(CALLS)))
        peak = _peak_mb(_worker(gateway))
    assert min(sizes) > 40_000_000
    assert peak < MOST_MB

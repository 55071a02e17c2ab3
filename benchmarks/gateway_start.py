"""How soon do the reference server and the mock answer after they are started, and what do they take in memory then?

    python -m benchmarks.gateway_start [--rounds 5]

Seconds from the start of the process to the end of the first answer, a whole one to a request for speech; CPU milliseconds
of the process and its workers until then; memory after it, resident, with pages that processes share counted once. Medians
over the rounds, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import http.client
import json
import socket
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

from benchmarks.rig.memory import cpu_ms, share_of
from tests.servers import CHECKOUT, START_S, STOP_S

_LOOK_S = 0.005
_BODY = json.dumps({"model": "tts-1", "input": "Hello", "voice": "alloy"})


class Program(NamedTuple):
    """What is started, and what it is asked."""

    name: str
    module: str
    path: str
    token: str


PROGRAMS = (
    Program("reference server", "reference_server", "/api/client/v1/audio/speech", "cpeer_development"),
    Program("mock", "mock_upstreams", "/v1/audio/speech", "any"),
)


class Started(NamedTuple):
    """One start."""

    seconds: float
    cpu_ms: float
    megabytes: float


def start(program: Program) -> Started:
    """Starts a program, asks it once, and ends it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - ours
        [sys.executable, "-m", program.module, "--port", str(port)],
        cwd=CHECKOUT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _answers(program, port):
            assert time.perf_counter() - began < START_S, f"{program.name} did not start"
            time.sleep(_LOOK_S)
        return Started(time.perf_counter() - began, cpu_ms(process.pid), share_of(process.pid) / 1e6)
    finally:
        process.terminate()
        process.terminate()  # the second one skips the drain
        process.wait(STOP_S)


def _answers(program: Program, port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_S)
    headers = {"Authorization": f"Bearer {program.token}", "Content-Type": "application/json"}
    try:
        connection.request("POST", program.path, _BODY, headers)
        answer = connection.getresponse()
        return answer.status == 200 and len(answer.read()) > 0
    except OSError:
        return False
    finally:
        connection.close()


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved repetitions (default: 5)")
    rounds = parser.parse_args().rounds
    found: dict[str, list[Started]] = {program.name: [] for program in PROGRAMS}
    for _ in range(rounds):
        for program in PROGRAMS:
            found[program.name].append(start(program))
    for name, starts in found.items():
        figures = (
            ("s to the first answer", [each.seconds for each in starts]),
            ("CPU ms until then", [each.cpu_ms for each in starts]),
            ("MB at rest", [each.megabytes for each in starts]),
        )
        for title, values in figures:
            spread = f"{min(values):.2f} to {max(values):.2f}"
            print(f"{name:<20}{title:<24}{statistics.median(values):>8.2f}   {spread}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

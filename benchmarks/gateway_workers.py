"""What does a second worker add?

    python -m benchmarks.gateway_workers [--requests 2000] [--rounds 5] [--connections 64]

The same small speech call, warm, to the reference server with one worker and with two, in turn: requests per second as
they were served, by what the rest of the machine and this client left to the server; the CPU milliseconds per request of
all workers; and what two could serve where each had a processor of its own, in units of what one could. Medians over the
rounds, with the lowest and the highest.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from typing import Any, NamedTuple

from benchmarks.gateway_cost import Case, drive, speech
from benchmarks.rig.memory import cpu_ms
from tests.servers import RunningGateway, running_gateway

_TEXT = "The quick brown fox jumped over the lazy dog"


class Round(NamedTuple):
    """One round: requests per second, and CPU milliseconds per request."""

    rate: float
    cost_ms: float


def _config() -> dict[str, Any]:
    return {
        "providers": {"mock": {"kind": "mock"}},
        "models": {"tts-1": {"capability": "speech", "provider": "mock"}},
        "tokens": [{"name": "load", "token": "cpeer_benchmark_load"}],
    }


def measure(gateway: RunningGateway, requests: int, connections: int) -> Round:
    """One round at one gateway."""
    call = speech("/api/client/v1/audio/speech", gateway.token, "mp3", _TEXT)
    case = Case("", gateway.origin, gateway.process.pid, lambda _: call)
    before, began = cpu_ms(case.pid), time.perf_counter()
    asyncio.run(drive(case, list(range(requests)), connections))
    return Round(requests / (time.perf_counter() - began), (cpu_ms(case.pid) - before) / requests)


def main() -> int:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=2000, help="in each round (default: 2000)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved repetitions (default: 5)")
    parser.add_argument("--connections", type=int, default=64, help="at once (default: 64)")
    arguments = parser.parse_args()
    with ExitStack() as stack:
        one, two = (stack.enter_context(running_gateway(_config(), workers=count)) for count in (1, 2))
        for gateway in (one, two):
            measure(gateway, 200, arguments.connections)
        pairs = [
            [measure(gateway, arguments.requests, arguments.connections) for gateway in (one, two)]
            for _ in range(arguments.rounds)
        ]
    _show("requests/s, one worker", [first.rate for first, _ in pairs])
    _show("requests/s, two workers", [second.rate for _, second in pairs])
    _show("CPU ms per request, one worker", [first.cost_ms for first, _ in pairs])
    _show("CPU ms per request, two workers", [second.cost_ms for _, second in pairs])
    _show("two could serve, in units of one", [2 * first.cost_ms / second.cost_ms for first, second in pairs])
    return 0


def _show(title: str, values: list[float]) -> None:
    spread = f"{min(values):.3f} to {max(values):.3f}"
    print(f"{title:<42}{statistics.median(values):>10.3f}   {spread}")  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())

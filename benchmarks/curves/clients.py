"""Ever more clients at once, and ever more workers for as many clients: the same small speech again and again."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator, Sequence

from benchmarks.curves.curve import Curve, Figures, Line
from benchmarks.gateway_cost import speech
from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.gateways import BASE_PATH
from benchmarks.rig.memory import memory_of
from benchmarks.rig.wire import Address, Connection
from tests.servers import RunningGateway, running_gateway

_REQUESTS = 2000
_CONNECTIONS = 32
_RATE, _P50, _P99, _COST, _MEMORY = "requests a second", "p50", "p99", "CPU", "memory of all processes"


async def _latencies(gateway: RunningGateway, connections: int, requests: int) -> list[float]:
    """Milliseconds of each request, sent by so many clients, each with one at a time on a connection of its own."""
    data = speech(f"{BASE_PATH}/audio/speech", gateway.token, "pcm", "The quick brown fox jumped over the lazy dog")
    left, found = iter(range(requests)), list[float]()
    opened = [await Connection.open(Address.of(gateway.origin)) for _ in range(connections)]

    async def client(connection: Connection) -> None:
        for _ in left:
            began = time.perf_counter()
            answer = await connection.ask(data)
            found.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.body[:300]

    try:
        await asyncio.gather(*map(client, opened))
    finally:
        for connection in opened:
            connection.close()
    return found


def _figures(gateway: RunningGateway, connections: int) -> Figures:
    asyncio.run(_latencies(gateway, connections, 2 * connections))
    requests, pid = max(_REQUESTS, 4 * connections), gateway.process.pid
    before, began = cpu_ms(pid), time.perf_counter()
    found = asyncio.run(_latencies(gateway, connections, requests))
    took_s = time.perf_counter() - began
    return {
        _COST: (cpu_ms(pid) - before) / requests,
        _RATE: requests / took_s,
        _P50: statistics.median(found),
        _P99: statistics.quantiles(found, n=100)[-1],
    }


def _more_connections(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    with running_gateway() as gateway:
        for size in sizes:
            yield size, _figures(gateway, size)


def _more_workers(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    for size in sizes:
        with running_gateway(workers=size) as gateway:
            figures = _figures(gateway, _CONNECTIONS)
            yield size, {**figures, _MEMORY: memory_of(gateway.process.pid).resident / 1e6}


_LATENCIES = (Line(_P50, "ms", most=1), Line(_P99, "ms", most=1))
CONNECTIONS = Curve(
    "connections",
    "Speech asked by ever more clients at once, one worker",
    "connections",
    (1, 2, 4, 8, 16, 32, 64, 128, 256, 512),
    (Line(_COST, "CPU ms/request", most=0), Line(_RATE, "requests/s", least=0), *_LATENCIES),
    _more_connections,
)
WORKERS = Curve(
    "workers",
    f"Speech asked by {_CONNECTIONS} clients of ever more workers",
    "workers",
    (1, 2, 3, 4),
    (
        Line(_COST, "CPU ms/request", most=0),
        Line(_RATE, "requests/s", least=0),
        Line(_P50, "ms", most=0),
        Line(_P99, "ms", most=0),
        Line(_MEMORY, "MB", most=1),
    ),
    _more_workers,
)

"""Ever more clients at once, and ever more workers with as many clients each: the same small speech again and again."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

from benchmarks.curves.curve import Curve, Figures, Line
from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.gateways import BASE_PATH, config_alone, model_of, token_of
from benchmarks.rig.memory import memory_of
from benchmarks.rig.wire import Address, Connection, request
from tests.servers import RunningGateway, running_gateway

_BODY = json.dumps(
    {
        "model": model_of(0),
        "voice": "alloy",
        "input": "The quick brown fox jumped over the lazy dog",
        "response_format": "pcm",
    }
).encode()
_REQUESTS, _REQUESTS_EACH = 3000, 10
_CONNECTIONS_EACH = 32
# More processes than cores share their caches, and each wakes up for fewer requests at a time.
_SHARING = 0.3
_RATE, _P50, _P99, _COST, _MEMORY = "requests a second", "p50", "p99", "CPU", "memory of all processes"


async def _asked(gateway: RunningGateway, connections: int) -> Figures:
    """By so many clients, each with one request at a time on a connection of its own; to connect is not counted."""
    data = request(f"{BASE_PATH}/audio/speech", token=token_of(0), body=_BODY)
    requests = max(_REQUESTS, _REQUESTS_EACH * connections)
    left, found = iter(range(requests)), list[float]()

    async def client(connection: Connection) -> None:
        for _ in left:
            began = time.perf_counter()
            answer = await connection.ask(data)
            found.append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.body[:300]

    async with AsyncExitStack() as stack:
        address = Address.of(gateway.origin)
        opened = [await stack.enter_async_context(await Connection.open(address)) for _ in range(connections)]
        for connection in opened:
            await connection.ask(data)
        before, began = cpu_ms(gateway.process.pid), time.perf_counter()
        await asyncio.gather(*map(client, opened))
        took_s, spent = time.perf_counter() - began, cpu_ms(gateway.process.pid) - before
    return {
        _COST: spent / requests,
        _RATE: requests / took_s,
        _P50: statistics.median(found),
        _P99: statistics.quantiles(found, n=100)[-1],
    }


def _more_connections(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    with running_gateway(config_alone()) as gateway:
        for size in sizes:
            yield size, asyncio.run(_asked(gateway, size))


def _more_workers(sizes: Sequence[int]) -> Iterator[tuple[int, Figures]]:
    for size in sizes:
        with running_gateway(config_alone(), workers=size) as gateway:
            figures = asyncio.run(_asked(gateway, size * _CONNECTIONS_EACH))
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
    f"Speech asked of ever more workers by {_CONNECTIONS_EACH} clients for each",
    "workers",
    (1, 2, 3, 4),
    (
        Line(_COST, "CPU ms/request", most=_SHARING),
        *(Line(name, unit) for name, unit in ((_RATE, "requests/s"), (_P50, "ms"), (_P99, "ms"))),  # the cores decide
        Line(_MEMORY, "MB", most=1),
    ),
    _more_workers,
)

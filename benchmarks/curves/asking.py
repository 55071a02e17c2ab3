"""Asks a server one request after the other on a kept connection, and says what one costs it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from benchmarks.rig.cpu import cpu_ms
from benchmarks.rig.wire import Address, Connection

# The kernel counts CPU time in ticks of 10 ms: as much as this makes one tick a small error.
_BUDGET_MS = 400.0
_FIRST_BATCH = 2

Make = Callable[[int], bytes]


def cost_of(pid: int, origin: str, make: Make, *, status: int = 200, most: int = 400) -> float:
    """CPU milliseconds per request of a process tree. `make` gives the bytes of the request of a number, from 1 on.

    Requests go out in ever larger batches until they have cost enough to be told, or there were `most` of them.
    """
    return asyncio.run(_cost_of(pid, origin, make, status, most))


async def _cost_of(pid: int, origin: str, make: Make, status: int, most: int) -> float:
    async with await Connection.open(Address.of(origin)) as connection:
        done, batch, began = 0, _FIRST_BATCH, cpu_ms(pid)
        while True:
            for number in range(done + 1, done + batch + 1):
                answer = await connection.ask(make(number))
                assert answer.status == status, answer.body[:300]
            done, spent = done + batch, cpu_ms(pid) - began
            if done >= most or spent >= _BUDGET_MS:
                return spent / done
            batch = min(most - done, batch * 2)

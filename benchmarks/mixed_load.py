"""Does every one of many mixed requests get its own right answer, in memory that stops growing?

    python -m benchmarks.mixed_load [--requests 20000] [--connections 64] [--workers 1] [--seed 3]

Speech in six formats, transcripts and translations in both forms, and refusals, over kept connections, before a provider in
another process. Each request bears a marker; its answer is held against the provider's journal (audio by SHA-256, some of it
listened to; transcripts by the text of their recording), and must have a request id that no other has. Equal seeds send
equal requests. Exit status 1 when a promise is broken.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.rig import (
    Address,
    Answer,
    Connection,
    ConnectionEnded,
    ControlledProvider,
    Report,
    config_before,
    megabytes,
    memory_of,
    running_provider,
)
from benchmarks.rig.orders import FAILING, Order, order
from tests.servers import RunningGateway, running_gateway

_PATIENCE_S = 120.0
_BLOCK = 1000
_SAMPLE = 250
_WARM = 5000
_GROWTH_BYTES = 10e6


@dataclass
class Outcome:
    """What came back: answers by kind, what was wrong, all request ids, and resident memory every so many answers."""

    kinds: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    resident: list[int] = field(default_factory=list)
    answered: int = 0

    def judge(self, one: Order, answer: Answer | None, calls: list[dict[str, Any]]) -> None:
        """Hold an answer against the provider's notes of calls with its marker."""
        self.kinds[one.kind] += 1
        if fault := self._fault(one, answer, calls):
            self.wrong.append(f"{one.kind} {one.marker} {fault}")

    def _fault(self, one: Order, answer: Answer | None, calls: list[dict[str, Any]]) -> str | None:
        if answer is None:
            return "no whole answer"
        if len(calls) > 1:
            return f"{len(calls)} calls of the provider"
        request_id = answer.headers.get("x-request-id", "")
        if not request_id or request_id in self.ids:
            return f"request id {request_id!r} is not its own"
        self.ids.add(request_id)
        return one.judge(answer, calls[0] if calls else None)


@dataclass(frozen=True)
class Setting:
    """Everything that runs."""

    provider: ControlledProvider
    gateway: RunningGateway
    seed: str
    connections: int


@contextmanager
def running(workers: int, seed: str, connections: int) -> Iterator[Setting]:
    """Run provider and gateway."""
    with (
        running_provider({"journal": {"upload_mb": 1}}) as provider,
        running_gateway(config_before(provider, log_level="critical"), workers) as gateway,
    ):
        provider.script({"status": 503}, {"marker": FAILING})
        yield Setting(provider, gateway, seed, connections)


async def _client(
    setting: Setting, orders: Iterator[Order], answers: dict[str, Answer | None], outcome: Outcome
) -> None:
    """Send orders over one connection as long as there are any."""
    connection = await Connection.open(Address.of(setting.gateway.base_url))
    for one in orders:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answers[one.marker] = await connection.ask(one.wire)
        except (ConnectionEnded, OSError):
            answers[one.marker] = None
            connection.close()
            connection = await Connection.open(Address.of(setting.gateway.base_url))
        outcome.answered += 1
        if outcome.answered % _SAMPLE == 0:
            outcome.resident.append(memory_of(setting.gateway.process.pid).resident)
    connection.close()


async def _block(setting: Setting, numbers: range, outcome: Outcome) -> None:
    """Send a block of orders and judge their answers."""
    before = await asyncio.to_thread(setting.provider.position)
    orders = [order(number, setting.seed, setting.gateway.token) for number in numbers]
    answers: dict[str, Answer | None] = {}
    waiting = iter(orders)
    await asyncio.gather(*(_client(setting, waiting, answers, outcome) for _ in range(setting.connections)))
    noted: dict[str, list[dict[str, Any]]] = {}
    for call in await asyncio.to_thread(setting.provider.calls, before):
        noted.setdefault(_marker(call), []).append(call)
    for one in orders:
        outcome.judge(one, answers[one.marker], noted.get(one.marker, []))


def _marker(call: dict[str, Any]) -> str:
    fields = dict(call["fields"])
    return str(fields.get("prompt") or fields.get("input", "")).rpartition(" ")[2]


def load(setting: Setting, requests: int, block: int = _BLOCK) -> Outcome:
    """Send that many requests."""
    outcome = Outcome()
    for start in range(0, requests, block):
        asyncio.run(_block(setting, range(start, min(start + block, requests)), outcome))
    return outcome


def growth(resident: list[int]) -> float:
    """Bytes from the quarter that begins at the 5,000th answer to the last quarter, each by its median."""
    later = resident[_WARM // _SAMPLE :]
    quarter = max(1, len(later) // 4)
    return median(later[-quarter:]) - median(later[:quarter])


def run(setting: Setting, requests: int, report: Report) -> None:
    """Load and judge."""
    report.say(f"seed {setting.seed}")
    began = time.perf_counter()
    outcome = load(setting, requests)
    took_s = time.perf_counter() - began
    report.say(f"{outcome.answered} requests over {setting.connections} connections in {took_s:.0f} s")
    report.say(f"  {dict(outcome.kinds.most_common())}")
    shown = " ".join(f"{each / 1e6:.0f}" for each in outcome.resident[:: max(1, len(outcome.resident) // 20)])
    report.say(f"  memory on the way: {shown} MB")
    for wrong in outcome.wrong[:10]:
        report.say(f"  {wrong}")
    right = not outcome.wrong and outcome.answered == requests
    report.promise(f"each answer is its own and right: {len(outcome.wrong)} wrong", kept=right)
    if requests > _WARM:
        grown = growth(outcome.resident)
        report.promise(
            f"memory flat from the 5,000th on: {megabytes(grown)} more at the end", kept=grown < _GROWTH_BYTES
        )


def main() -> int:
    """Run with the figures of the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", default="3")
    told = parser.parse_args()
    report = Report()
    with running(told.workers, told.seed, told.connections) as setting:
        run(setting, told.requests, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())

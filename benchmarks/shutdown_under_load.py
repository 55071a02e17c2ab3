"""Is anything lost when the gateway is told to end while it is busy, and can a client read that it is ending?

    python -m benchmarks.shutdown_under_load [--times 20] [--in-flight 200] [--workers 1 4]

Each time: a fresh gateway before a provider in another process, which holds every call on a gate. Once all are held there,
the gateway gets SIGTERM. From then on clients on fresh and on kept connections must be answered 503 with Retry-After; then
the gate opens, every held request must get its normal answer, and the process must end with status 0. Exit status 1 when a
promise is broken.
"""

import argparse
import asyncio
import hashlib
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from benchmarks.rig import (
    BASE_PATH,
    Address,
    Answer,
    Connection,
    ConnectionEnded,
    ControlledProvider,
    Report,
    config_before,
    request,
    running_provider,
)
from tests.servers import RunningGateway, running_gateway

_PATIENCE_S = 60.0
_KEPT = 16
_POLL_S = 0.01


@dataclass
class Seen:
    """What clients saw of one shutdown: answers by status; ``lost`` counts requests in flight without a right answer."""

    lost: int = 0
    fresh: Counter[int | str] = field(default_factory=Counter)
    kept: Counter[int | str] = field(default_factory=Counter)
    unclear: int = 0
    notice_s: float = 0.0
    status: int | None = None

    @property
    def right(self) -> bool:
        """Whether every promise was kept. A connection that was closed or refused is no answer, and no 503 either."""
        answered = self.fresh[503] and self.kept[503]
        strange = (set(self.fresh) | set(self.kept)) - {503, "closed"}
        return self.lost == 0 and self.unclear == 0 and bool(answered) and not strange and self.status == 0


@dataclass
class _Held:
    """The requests in flight: each on its own connection, sent and not answered."""

    connections: list[Connection]
    texts: list[str]


def _order(gateway: RunningGateway, text: str) -> bytes:
    body = f'{{"model": "say", "input": "{text}", "response_format": "pcm"}}'
    return request(f"{BASE_PATH}/audio/speech", token=gateway.token, body=body.encode())


async def _hold(gateway: RunningGateway, provider: ControlledProvider, gate: str, count: int) -> _Held:
    address = Address.of(gateway.base_url)
    held = _Held([], [f"{gate} {number:03d}" for number in range(count)])
    for text in held.texts:
        connection = await Connection.open(address)
        await connection.send(_order(gateway, text))
        held.connections.append(connection)
    waiting = await asyncio.to_thread(provider.waiting, gate, count, _PATIENCE_S)
    assert waiting == count, f"{waiting} of {count} requests reached the provider"
    return held


async def _kept_alive(gateway: RunningGateway) -> list[Connection]:
    """Connections that have served a request and wait for the next."""
    address = Address.of(gateway.base_url)
    connections = [await Connection.open(address) for _ in range(_KEPT)]
    for connection in connections:
        assert (await connection.ask(request("/readyz", method="GET"))).status == 200
    return connections


async def _asked(connection: Connection, order: bytes, seen: Seen, answers: Counter[int | str]) -> int | str:
    """The status of one more request, or ``closed``; notes whether a 503 says all it should."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            answer = await connection.ask(order)
    except (ConnectionEnded, OSError):
        answers["closed"] += 1
        return "closed"
    answers[answer.status] += 1
    if answer.status == 503:
        seen.unclear += not _is_clear(answer)
    return answer.status


def _is_clear(answer: Answer) -> bool:
    return answer.code == "shutting_down" and answer.headers.get("retry-after", "").isdigit() and answer.closes


async def _fresh(gateway: RunningGateway, text: str, seen: Seen, answers: Counter[int | str]) -> int | str:
    async with await Connection.open(Address.of(gateway.base_url)) as connection:
        return await _asked(connection, _order(gateway, text), seen, answers)


async def _notice(gateway: RunningGateway, workers: int) -> float:
    """Seconds until every worker answers 503 to new clients."""
    began, row = time.monotonic(), 0
    while row < workers * 8:
        row = row + 1 if await _fresh(gateway, "early", Seen(), Counter()) == 503 else 0
        assert time.monotonic() - began < _PATIENCE_S, "new requests were not refused in time"
    return time.monotonic() - began


async def _flown(held: _Held, provider: ControlledProvider, before: int) -> int:
    """How many of the requests in flight did not get the very bytes that the provider sent for them."""
    answers = await asyncio.gather(*(_whole(connection) for connection in held.connections))
    calls = await asyncio.to_thread(provider.calls, before)
    sent = {dict(call["fields"])["input"]: call["answer"]["sha256"] for call in calls}
    pairs = zip(held.texts, answers, strict=True)
    return sum(answer is None or hashlib.sha256(answer.body).hexdigest() != sent.get(text) for text, answer in pairs)


async def _whole(connection: Connection) -> Answer | None:
    with suppress(ConnectionEnded, OSError, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            answer = await connection.answer()
            return answer if answer.status == 200 else None
    return None


async def _shut_down(gateway: RunningGateway, provider: ControlledProvider, gate: str, load: tuple[int, int]) -> Seen:
    in_flight, workers = load
    seen, before = Seen(), provider.position()
    kept = await _kept_alive(gateway)
    held = await _hold(gateway, provider, gate, in_flight)
    gateway.process.send_signal(signal.SIGTERM)
    seen.notice_s = await _notice(gateway, workers)
    for _ in range(workers * 8):
        await _fresh(gateway, "late", seen, seen.fresh)
    for connection in kept:
        await _asked(connection, _order(gateway, "late"), seen, seen.kept)
    still = provider.waiting(gate)
    provider.release(gate)
    seen.lost = await _flown(held, provider, before) + in_flight - still
    for connection in kept + held.connections:
        connection.close()
    return seen


def shut_down(provider: ControlledProvider, gate: str, in_flight: int, workers: int) -> Seen:
    """One gateway's life and end."""
    provider.gate(gate)
    provider.script({"hold": gate}, {"marker": gate})
    drain = {"notice_s": 0.5, "deadline_s": 2 * _PATIENCE_S}
    with running_gateway(config_before(provider, drain=drain), workers) as gateway:
        seen = asyncio.run(_shut_down(gateway, provider, gate, (in_flight, workers)))
        seen.status = gateway.process.wait(_PATIENCE_S)
    provider.forget_scripts()
    return seen


def run(times: int, in_flight: int, workers: Sequence[int], report: Report) -> None:
    """Shut down ``times`` gateways of each number of workers."""
    with running_provider() as provider:
        for count in workers:
            all_seen = [_told(provider, f"gate-{count}-{number}", in_flight, count, report) for number in range(times)]
            report.say(
                f"{count} worker(s), {times} times: {sum(seen.lost for seen in all_seen)} of {times * in_flight} lost"
            )
            kept = all(seen.right for seen in all_seen)
            report.promise(f"0 lost, 503 on fresh and kept connections, status 0, {times} times of {times}", kept=kept)


def _told(provider: ControlledProvider, gate: str, in_flight: int, workers: int, report: Report) -> Seen:
    seen = shut_down(provider, gate, in_flight, workers)
    fresh, kept = (dict(sorted(each.items(), key=str)) for each in (seen.fresh, seen.kept))
    report.say(
        f"  {gate}: {in_flight} in flight, {seen.lost} lost; new ones: fresh connections {fresh}, kept ones {kept}, "
        f"{seen.unclear} unclear; all refusing after {seen.notice_s * 1000:.0f} ms; exit status {seen.status}"
    )
    return seen


def main() -> int:
    """Run with the figures of the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--in-flight", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 4])
    told = parser.parse_args()
    report = Report()
    run(told.times, told.in_flight, told.workers, report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())

"""Does the whole gateway, several workers sharing a Valkey server, keep ONE limit exactly, and through the store's death?

    python -m benchmarks.limits_through_server [--workers 4] [--requests 2000] [--limit 1000]

Storm: every request is sent at once, each over its own connection; the provider, in another process, holds all that reach
it until everyone else was answered. Exactly ``limit`` must be served, the others get 429, and the provider's journal must
hold the served ones once each and none of the refused.

Crash: the same while the store is killed (SIGKILL) at a third and started again a little later. A client that is told that
there is no store asks again. Never more than ``limit`` may be served; every answer in between is a clear error; the gateway
serves again by itself. Exit status 1 when a promise is broken.
"""

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import valkey

from benchmarks.rig import (
    BASE_PATH,
    Address,
    Answer,
    Connection,
    ControlledProvider,
    Report,
    config_before,
    request,
    running_provider,
)
from tests.servers import RunningGateway, running_gateway
from tests.valkey import RunningValkey, running_valkey

_WINDOW_S = 3600
_PREFIX = "benchmark"
_GATE = "storm"
_PAUSE_S = 0.2
_DOWN_S = 1.0
_RECOVERY_S = 15.0  # of which most is the wait behind all others, who ask again too
_PATIENCE_S = 300.0
_CLEAR = (500, "limits_unavailable")
_TOKENS = {"storm": "cpeer_storm_0123456789", "crash": "cpeer_crash_0123456789", "probe": "cpeer_probe_0123456789"}


@dataclass(frozen=True)
class Load:
    """How much, against which limit."""

    workers: int = 4
    requests: int = 2000
    limit: int = 1000


@dataclass(frozen=True)
class Setting:
    """Everything that runs."""

    load: Load
    provider: ControlledProvider
    store: RunningValkey
    gateway: RunningGateway

    @property
    def address(self) -> Address:
        """Where the gateway listens."""
        return Address.of(self.gateway.base_url)

    def counted(self, token: str) -> int:
        """How many requests of a token the store has counted."""
        with valkey.Valkey.from_url(self.store.url) as client:
            return int(client.llen(f"{{{_PREFIX}}}:rate:token:{token}"))


@dataclass
class Tally:
    """What the callers were answered: the markers of the served and the refused, and all answers by status and code."""

    served: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    answers: Counter[tuple[int, str | None]] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)
    all_refused: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, marker: str, answer: Answer, waited_s: float) -> None:
        """Note one answer."""
        self.answers[answer.status, answer.code] += 1
        self.waits_s.append(waited_s)
        if answer.status == 200:
            self.served.append(marker)
        elif answer.status == 429:
            self.refused.append(marker)


@contextmanager
def running(load: Load) -> Iterator[Setting]:
    """Run provider, store and gateway."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_valkey(Path(folder, "valkey")) as store,
        running_provider() as provider,
        running_gateway(_config(load, provider, store), load.workers) as gateway,
    ):
        yield Setting(load, provider, store, gateway)


def _config(load: Load, provider: ControlledProvider, store: RunningValkey) -> dict[str, Any]:
    limit = {"requests": {"limit": load.limit, "window_s": _WINDOW_S}}
    spacious = {"requests": {"limit": 1_000_000, "window_s": _WINDOW_S}}
    return config_before(
        provider,
        tokens=[{"name": name, "token": token} for name, token in _TOKENS.items()],
        limits={"tokens": {"storm": limit, "crash": limit, "probe": spacious}},
        # The wait for one of the worker's connections to the store counts too, and hundreds of requests queue for them.
        limit_store={"url": store.url, "timeout_s": 20, "key_prefix": _PREFIX},
        log_level="critical",
    )


def _order(token: str, marker: str) -> bytes:
    body = f'{{"model": "say", "input": "{marker}", "response_format": "pcm"}}'
    return request(f"{BASE_PATH}/audio/speech", token=_TOKENS[token], body=body.encode())


async def _connected(setting: Setting) -> list[Connection]:
    return [await Connection.open(setting.address) for _ in range(setting.load.requests)]


async def _storm(setting: Setting) -> Tally:
    """Everybody at once; who reaches the provider is held there until all others have their answer."""
    load, tally = setting.load, Tally()

    async def caller(connection: Connection, marker: str) -> None:
        began = time.perf_counter()
        answer = await connection.ask(_order("storm", marker))
        tally.take(marker, answer, time.perf_counter() - began)
        if sum(tally.answers.values()) >= load.requests - load.limit:
            tally.all_refused.set()

    async def gatekeeper() -> None:
        await tally.all_refused.wait()
        await asyncio.to_thread(setting.provider.waiting, _GATE, load.limit, 30)
        await asyncio.to_thread(setting.provider.release, _GATE)

    connections = await _connected(setting)
    async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as group:
        group.create_task(gatekeeper())
        for number, connection in enumerate(connections):
            group.create_task(caller(connection, f"storm-{number:05d}."))
    for connection in connections:
        connection.close()
    return tally


def show_storm(setting: Setting, report: Report) -> None:
    """Run the storm and judge it."""
    load, provider = setting.load, setting.provider
    provider.gate(_GATE)
    provider.script({"hold": _GATE}, {"marker": "storm-"})
    before, began = provider.position(), time.perf_counter()
    tally = asyncio.run(_storm(setting))
    report.say(f"storm: {_words(tally)} in {time.perf_counter() - began:.1f} s, {_waits(tally)}")
    called = [call["fields"] for call in provider.calls(before)]
    markers = sorted(dict(fields)["input"] for fields in called)
    report.say(f"  counted in the store: {setting.counted('storm')}; calls of the provider: {len(called)}")
    report.promise(f"exactly {load.limit} served", kept=len(tally.served) == load.limit == setting.counted("storm"))
    refused = load.requests - load.limit
    report.promise(f"the other {refused} refused by 429, none lost", kept=len(tally.refused) == refused)
    report.promise(
        "each served request reached the provider once, no refused one did", kept=markers == sorted(tally.served)
    )


async def _crash(setting: Setting) -> tuple[Tally, list[float]]:
    """Everybody at once and persistent, while the store goes away and comes back. Also: when the store went and came."""
    tally, moments = Tally(), list[float]()

    async def caller(connection: Connection, marker: str) -> None:
        for tries in itertools.count():
            began = time.perf_counter()
            answer = await connection.ask(_order("crash", marker))
            tally.take(marker, answer, time.perf_counter() - began)
            if answer.status in (200, 429):
                return
            await asyncio.sleep(_PAUSE_S * 2 ** min(tries, 4))

    connections = await _connected(setting)
    async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as group:
        group.create_task(asyncio.to_thread(_kill_at, setting, setting.load.limit // 3, moments))
        for number, connection in enumerate(connections):
            group.create_task(caller(connection, f"crash-{number:05d}."))
    for connection in connections:
        connection.close()
    return tally, moments


def _kill_at(setting: Setting, places: int, moments: list[float]) -> None:
    """Kill the store once ``places`` requests are counted, keep it away for a while, start it again."""
    deadline = time.monotonic() + _PATIENCE_S
    with valkey.Valkey.from_url(setting.store.url) as client:
        while int(client.llen(f"{{{_PREFIX}}}:rate:token:crash")) < places and time.monotonic() < deadline:
            pass
    setting.store.kill()
    moments.append(_clearly_refused(setting))
    time.sleep(_DOWN_S)
    setting.store.restart()
    moments.append(_served_again(setting))


def _clearly_refused(setting: Setting) -> float:
    """How many of ten lone requests without a store were answered by a clear error, as a fraction."""
    answers = [asyncio.run(_alone(setting)) for _ in range(10)]
    return sum((answer.status, answer.code) == _CLEAR for answer in answers) / len(answers)


def _served_again(setting: Setting) -> float:
    """Seconds until a lone request is served."""
    began = time.monotonic()
    while asyncio.run(_alone(setting)).status != 200:
        if time.monotonic() - began > _PATIENCE_S:
            return _PATIENCE_S
    return time.monotonic() - began


async def _alone(setting: Setting) -> Answer:
    async with await Connection.open(setting.address) as connection:
        return await connection.ask(_order("probe", "alone."))


def show_crash(setting: Setting, report: Report) -> None:
    """Run the crash and judge it."""
    load, provider = setting.load, setting.provider
    before, began = provider.position(), time.perf_counter()
    tally, (clear, again_s) = asyncio.run(_crash(setting))
    markers = [dict(call["fields"])["input"] for call in provider.calls(before)]
    called = sorted(marker for marker in markers if marker.startswith("crash-"))
    counted, unavailable = setting.counted("crash"), tally.answers[_CLEAR]
    lost = load.limit - len(tally.served)
    report.say(f"crash: {_words(tally)} in {time.perf_counter() - began:.1f} s, {_waits(tally)}")
    report.say(
        f"  store away for {_DOWN_S:g} s; counted in it: {counted}; places whose answer was lost in the crash: {lost}; "
        f"served again {again_s:.2f} s after it was back"
    )
    report.promise(f"never more than {load.limit} served", kept=len(tally.served) <= load.limit)
    report.promise("each served request reached the provider once, no other did", kept=called == sorted(tally.served))
    ended = len(tally.served) + len(tally.refused)
    report.promise("every client came to its answer", kept=ended == load.requests)
    strange = set(tally.answers) - {(200, None), (429, "rate_limit_exceeded"), _CLEAR}
    report.promise(f"every other answer was a clear error {strange or ''}", kept=not strange and clear == 1.0)
    report.promise("no place is missing but by an answer lost in the crash", kept=0 <= lost <= unavailable)
    report.promise(f"the gateway serves again by itself within {_RECOVERY_S:g} s", kept=again_s < _RECOVERY_S)


def _words(tally: Tally) -> str:
    return ", ".join(
        f"{count} x {status} {code or ''}".strip() for (status, code), count in sorted(tally.answers.items(), key=str)
    )


def _waits(tally: Tally) -> str:
    cuts = quantiles(tally.waits_s, n=100)
    return f"answered after p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s"


def run(load: Load, report: Report) -> None:
    """Run both against one gateway."""
    with running(load) as setting:
        show_storm(setting, report)
        show_crash(setting, report)


def main() -> int:
    """Run with the figures of the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=Load.workers)
    parser.add_argument("--requests", type=int, default=Load.requests)
    parser.add_argument("--limit", type=int, default=Load.limit)
    report = Report()
    run(Load(**vars(parser.parse_args())), report)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())

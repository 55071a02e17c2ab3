"""Do several processes that share a Valkey server keep ONE limit, exactly, and through a crash of the server?

    python -m benchmarks.limits_shared [--workers 4] [--requests 2000] [--limit 1000]

First run: all requests at once from all workers; exactly `limit` must be served. Second run: the same, with the server
killed (SIGKILL) at about a third and started again from its append-only file, while every caller whose question found no
store asks again until it is served or refused: never more than `limit` served, and every place that is missing was taken by
an answer lost in the crash. The exit status is 1 when a figure is wrong.
"""

import argparse
import asyncio
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from statistics import quantiles

import valkey

from reference_server.limits import (
    Limiter,
    LimitExceeded,
    LimitPolicies,
    LimitStoreUnavailable,
    RateLimit,
    StoreSettings,
    TokenLimits,
    Usage,
    open_store,
)
from tests.valkey import RunningValkey, running_valkey

_WINDOW_S = 3600.0
_PAUSE_S = 0.05
_DOWN_S = 0.5
_barrier: Barrier | None = None


@dataclass(frozen=True)
class Order:
    """What one worker is told: where the counts are, and how many callers it has."""

    settings: StoreSettings
    limit: int
    callers: int
    persistent: bool


@dataclass
class Tally:
    """What the callers of one worker were answered, and how long each answer took."""

    answers: Counter[str] = field(default_factory=Counter)
    waits_s: list[float] = field(default_factory=list)
    took_s: float = 0.0

    def add(self, other: "Tally") -> None:
        """Take over another worker's figures."""
        self.answers += other.answers
        self.waits_s += other.waits_s
        self.took_s = max(self.took_s, other.took_s)


def _remember(barrier: Barrier) -> None:
    global _barrier  # noqa: PLW0603 - a barrier reaches a pool's worker only through its initializer
    _barrier = barrier


def _work(order: Order) -> Tally:
    return asyncio.run(_callers(order))


async def _callers(order: Order) -> Tally:
    policies = LimitPolicies(tokens={"load": TokenLimits(requests=RateLimit(order.limit, _WINDOW_S))})
    limiter, tally = Limiter(policies, open_store(order.settings)), Tally()
    await limiter.ping()
    if _barrier is not None:
        _barrier.wait(60)
    begin = time.perf_counter()
    await asyncio.gather(*(_caller(limiter, tally, persistent=order.persistent) for _ in range(order.callers)))
    tally.took_s = time.perf_counter() - begin
    await limiter.aclose()
    return tally


async def _caller(limiter: Limiter, tally: Tally, *, persistent: bool) -> None:
    """Ask once; a persistent caller asks again while there is no store."""
    while True:
        answer = await _ask(limiter, tally)
        if not persistent or answer != "unavailable":
            break
        await asyncio.sleep(_PAUSE_S)
    tally.answers[f"ended {answer}"] += 1


async def _ask(limiter: Limiter, tally: Tally) -> str:
    begin, answer = time.perf_counter(), "served"
    try:
        await limiter.admit("load", "tts-1", Usage(characters=1))
    except LimitExceeded:
        answer = "refused"
    except LimitStoreUnavailable:
        answer = "unavailable"
    tally.waits_s.append(time.perf_counter() - begin)
    tally.answers[answer] += 1
    return answer


@dataclass(frozen=True)
class Load:
    """A pool of workers, and the storm they raise together."""

    workers: int
    requests: int
    limit: int

    def orders(self, server: RunningValkey, prefix: str, *, persistent: bool) -> list[Order]:
        """Deal the requests out to the workers."""
        # The wait for a connection counts too, and hundreds of callers queue in each worker.
        settings = StoreSettings(url=server.url, timeout_s=20, key_prefix=prefix)
        shares = [len(range(i, self.requests, self.workers)) for i in range(self.workers)]
        return [Order(settings, self.limit, share, persistent) for share in shares]


def _start(pool: ProcessPoolExecutor, orders: Sequence[Order]) -> list[Future[Tally]]:
    return [pool.submit(_work, order) for order in orders]


def _collect(running: Sequence[Future[Tally]]) -> Tally:
    total = Tally()
    for one in running:
        total.add(one.result(120))
    return total


def _counted(server: RunningValkey, prefix: str) -> int:
    with valkey.Valkey.from_url(server.url) as client:
        return int(client.llen(f"{{{prefix}}}:rate:token:load"))


def _kill_at(server: RunningValkey, prefix: str, places: int) -> None:
    """Kill the server once `places` requests are counted, keep it away for a while, start it again."""
    with valkey.Valkey.from_url(server.url) as client:
        while int(client.llen(f"{{{prefix}}}:rate:token:load")) < places:
            pass
    server.kill()
    time.sleep(_DOWN_S)
    server.restart()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _report(title: str, tally: Tally, counted: int) -> None:
    p50, p99 = (1000 * quantiles(tally.waits_s, n=100)[cut] for cut in (49, 98))
    decisions, took_s = len(tally.waits_s), tally.took_s
    _say(f"{title}: {dict(sorted(tally.answers.items()))}; counted in the store: {counted}")
    _say(f"  {decisions} decisions in {took_s:.2f} s, {decisions / took_s:.0f}/s; p50 {p50:.1f} ms, p99 {p99:.1f} ms")


def _storm(pool: ProcessPoolExecutor, server: RunningValkey, load: Load) -> bool:
    tally = _collect(_start(pool, load.orders(server, "storm", persistent=False)))
    counted = _counted(server, "storm")
    _report("storm", tally, counted)
    expected = {"served": load.limit, "refused": load.requests - load.limit, "unavailable": 0}
    return counted == load.limit and all(tally.answers[answer] == n for answer, n in expected.items())


def _crash(pool: ProcessPoolExecutor, server: RunningValkey, load: Load) -> bool:
    running = _start(pool, load.orders(server, "crash", persistent=True))
    _kill_at(server, "crash", load.limit // 3)
    tally = _collect(running)
    counted, served = _counted(server, "crash"), tally.answers["served"]
    _report("crash", tally, counted)
    lost = load.limit - served
    _say(f"  away for {_DOWN_S} s; places taken by answers lost in the crash: {lost}")
    ended = tally.answers["ended served"] + tally.answers["ended refused"]
    return served <= load.limit == counted and ended == load.requests and 0 < tally.answers["unavailable"] >= lost


def _arguments() -> Load:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--limit", type=int, default=1000)
    return Load(**vars(parser.parse_args()))


def main() -> int:
    """Run both storms and print their figures; 0 when every one is right."""
    load = _arguments()
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(load.workers)
    with (
        tempfile.TemporaryDirectory() as directory,
        running_valkey(Path(directory) / "valkey") as server,
        ProcessPoolExecutor(load.workers, mp_context=context, initializer=_remember, initargs=(barrier,)) as pool,
    ):
        verdicts = [_storm(pool, server, load), _crash(pool, server, load)]
    _say("all figures right" if all(verdicts) else "WRONG FIGURES")
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())

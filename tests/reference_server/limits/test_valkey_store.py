"""The Valkey store against a real server: exact when shared, closed when the server is away, back when it is."""

import asyncio
import time
import traceback
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from valkey.asyncio import Valkey

from reference_server.limits import (
    Limiter,
    LimitExceeded,
    LimitPolicies,
    LimitStoreMisconfigured,
    LimitStoreUnavailable,
    StoreSettings,
    Usage,
    open_store,
)
from reference_server.limits.store import BudgetCharge, Grant, RateCharge, Refusal
from reference_server.limits.valkey_store import ValkeyStore
from tests.reference_server.limits.clock import Clock
from tests.valkey import RunningValkey

pytestmark = pytest.mark.slow

HOUR_US = 3_600_000_000


def settings(server: RunningValkey, timeout_s: float = 5.0, prefix: str | None = None) -> StoreSettings:
    return StoreSettings(url=server.url, timeout_s=timeout_s, key_prefix=prefix or uuid.uuid4().hex)


@asynccontextmanager
async def opened(of: StoreSettings, clock: Clock | None = None) -> Any:
    store = ValkeyStore(of, clock)
    try:
        yield store
    finally:
        await store.aclose()


def hourly(limit: int) -> LimitPolicies:
    policies = {"tokens": {"alice": {"requests": {"limit": limit, "window_s": 3600}, "budget": {"total": limit}}}}
    return msgspec.convert(policies, LimitPolicies)


async def outcome(limiter: Limiter) -> str:
    """Ask once, for one character, and say in a word what came of it."""
    try:
        await limiter.admit("alice", "tts-1", Usage(characters=1))
    except LimitExceeded:
        return "refused"
    except LimitStoreUnavailable:
        return "unavailable"
    return "served"


async def eventually(ask: Callable[[], Awaitable[str]], wanted: str, within_s: float = 20) -> None:
    """Ask again and again until the answer is `wanted`."""
    async with asyncio.timeout(within_s):
        while True:
            if await ask() == wanted:
                return


def test_two_clients_share_one_count_exactly(valkey: RunningValkey) -> None:
    """Two stores on one server, 600 requests at once against 300: exactly 300 pass."""

    async def storm() -> list[str]:
        of = settings(valkey)
        async with opened(of) as one, opened(of) as two:
            limiters = [Limiter(hourly(300), store) for store in (one, two)]
            return await asyncio.gather(*(outcome(limiters[i % 2]) for i in range(600)))

    outcomes = asyncio.run(storm())
    assert (outcomes.count("served"), outcomes.count("refused")) == (300, 300)


def test_the_servers_clock_rules(valkey: RunningValkey) -> None:
    """Without a clock of its own the store uses the server's: the wait counts down from the whole window."""

    async def ask() -> Any:
        async with opened(settings(valkey)) as store:
            charge = RateCharge("k", 1, HOUR_US)
            return await store.admit([charge]), await store.admit([charge])

    first, second = asyncio.run(ask())
    assert first == Grant()
    assert second.used == 1
    assert HOUR_US - 60_000_000 < second.wait_us <= HOUR_US


def test_counters_expire_but_a_lasting_budget_does_not(valkey: RunningValkey) -> None:
    """A counter lives a little longer than its window, a lasting budget has no end; refused ones leave nothing."""
    of = settings(valkey)

    async def lives() -> dict[str, int]:
        async with opened(of) as store, Valkey.from_url(valkey.url) as client:
            counted = [RateCharge("r", 5, 10_000_000), BudgetCharge("p", 5, 1, 10_000_000), BudgetCharge("b", 5, 1)]
            await store.admit(counted)
            await store.admit([BudgetCharge("was-p", 5, 1, 10_000_000)])
            await store.admit([BudgetCharge("was-p", 5, 1)])
            await store.admit([RateCharge("never", 0, HOUR_US), BudgetCharge("dear", 1, 2)])
            keys = [key.decode() async for key in client.scan_iter(f"{{{of.key_prefix}}}:*")]
            return {key.rpartition(":")[2]: await client.pttl(key) for key in keys}

    found = asyncio.run(lives())
    assert found.keys() == {"r", "p", "b", "was-p"}
    assert 10_000 <= found["r"] <= 11_000
    assert 10_000 <= found["p"] <= 11_000
    assert found["b"] == found["was-p"] == -1


def test_memory_of_a_counter_is_bounded_by_its_limit(valkey: RunningValkey) -> None:
    """After many windows the log holds `limit` stamps; a lowered limit takes effect at once and trims it."""
    of, clock = settings(valkey), Clock()

    async def lengths() -> tuple[int, Any, int]:
        async with opened(of, clock) as store, Valkey.from_url(valkey.url) as client:
            for _ in range(200):
                await store.admit([RateCharge("r", 20, 1_000_000)])
                clock.advance(0.04)
            full = await client.llen(f"{{{of.key_prefix}}}:r")
            lowered = await store.admit([RateCharge("r", 3, 1_000_000)])
            clock.advance(2)
            await store.admit([RateCharge("r", 3, 1_000_000)])
            return full, lowered, await client.llen(f"{{{of.key_prefix}}}:r")

    full, lowered, trimmed = asyncio.run(lengths())
    assert (full, lowered, trimmed) == (20, Refusal(0, 3, 680_000), 3)


def test_the_largest_budget_is_still_exact(valkey: RunningValkey) -> None:
    """Nine million units to the billionth: one nano is left, one passes, the next does not."""
    total = 9_000_000 * 10**9

    async def ask() -> list[Any]:
        async with opened(settings(valkey)) as store:
            spend = [BudgetCharge("b", total, cost) for cost in (total - 1, 2, 1, 1)]
            return [await store.admit([charge]) for charge in spend]

    almost, too_much, last, over = asyncio.run(ask())
    assert isinstance(almost, Grant)
    assert too_much == Refusal(0, total - 1, None)
    assert isinstance(last, Grant)
    assert over == Refusal(0, total, None)


def test_a_server_that_lost_the_script_is_given_it_again(valkey: RunningValkey) -> None:
    """After SCRIPT FLUSH the next decision and the next refund work, and each is counted once."""

    async def ask() -> Any:
        async with opened(settings(valkey)) as store, Valkey.from_url(valkey.url) as client:
            charge = BudgetCharge("b", 10, 6)
            await client.script_flush()
            grant = await store.admit([charge])
            refused = await store.admit([charge])
            await client.script_flush()
            await store.refund(grant.spendings)
            return refused, await store.admit([charge])

    refused, after = asyncio.run(ask())
    assert refused == Refusal(0, 6, None)
    assert isinstance(after, Grant)


def test_a_killed_server_closes_the_gate_and_opens_it_again_with_its_counts(own_valkey: RunningValkey) -> None:
    """Served 3 of 5, killed: refused as unavailable at once; started again: 2 more and not one beyond."""

    async def story() -> tuple[list[str], list[str], list[str]]:
        async with opened(settings(own_valkey)) as store:
            limiter = Limiter(hourly(5), store)
            before = [await outcome(limiter) for _ in range(3)]
            own_valkey.kill()
            down = [await outcome(limiter) for _ in range(3)]
            own_valkey.restart()
            return before, down, [await outcome(limiter) for _ in range(4)]

    before, down, after = asyncio.run(story())
    assert before == ["served"] * 3
    assert down == ["unavailable"] * 3
    assert after == ["served"] * 2 + ["refused"] * 2


def test_a_kill_in_the_middle_of_a_storm_serves_nobody_beyond_the_limit(own_valkey: RunningValkey) -> None:
    """SIGKILL while hundreds of decisions are in flight, restart, ask on until refused: served stays within the limit.

    Every answer that was given stays true after the crash; an answer that was lost may have used up a place.
    """

    async def story() -> tuple[int, int, int]:
        of = settings(own_valkey)
        async with opened(of) as store, Valkey.from_url(own_valkey.url) as client:
            limiter = Limiter(hourly(400), store)
            storm = [asyncio.create_task(outcome(limiter)) for _ in range(300)]
            await asyncio.wait(storm, return_when=asyncio.FIRST_COMPLETED)
            own_valkey.kill()
            first = await asyncio.gather(*storm)
            own_valkey.restart()
            counted_in_crash = await client.llen(f"{{{of.key_prefix}}}:rate:token:alice")
            second = await asyncio.gather(*(outcome(limiter) for _ in range(500)))
            assert second.count("unavailable") == 0
            return first.count("served"), counted_in_crash, second.count("served")

    served, counted, later = asyncio.run(story())
    assert 0 < served <= counted < 300
    assert counted + later == 400


def test_a_hanging_server_is_given_up_in_time_and_no_answer_is_mixed_up(own_valkey: RunningValkey) -> None:
    """A frozen server costs the timeout and no more, however many wait; late answers reach nobody else's question."""

    async def story() -> tuple[list[str], float, list[Any]]:
        async with opened(settings(own_valkey, timeout_s=2.0)) as store:
            limiter = Limiter(hourly(1000), store)
            await asyncio.gather(*(outcome(limiter) for _ in range(40)))
            with own_valkey.frozen():
                begin = time.monotonic()
                hung = await asyncio.gather(*(outcome(limiter) for _ in range(100)))
                took = time.monotonic() - begin
            await eventually(lambda: outcome(limiter), "served")
            questions = [store.admit([RateCharge(f"own-{i}", 0, 1_000_000 + i)]) for i in range(200)]
            return hung, took, await asyncio.gather(*questions)

    hung, took, answers = asyncio.run(story())
    assert set(hung) == {"unavailable"}
    assert took < 6
    assert [answer.wait_us for answer in answers] == [1_000_000 + i for i in range(200)]


def test_a_caller_who_goes_away_leaves_the_connection_clean(valkey: RunningValkey) -> None:
    """Decisions cancelled at any moment never leave their answer behind for the next question."""

    async def story() -> list[Any]:
        async with opened(settings(valkey)) as store:
            for turns in range(60):
                asked = [asyncio.create_task(store.admit([RateCharge("gone", 0, 7)])) for _ in range(5)]
                for _ in range(turns % 12):
                    await asyncio.sleep(0)
                for task in asked:
                    task.cancel()
                await asyncio.gather(*asked, return_exceptions=True)
            return await asyncio.gather(*(store.admit([RateCharge(f"k{i}", 0, 100 + i)]) for i in range(100)))

    assert [answer.wait_us for answer in asyncio.run(story())] == [100 + i for i in range(100)]


def test_a_server_that_refuses_to_write_closes_the_gate(own_valkey: RunningValkey) -> None:
    """Out of memory under `noeviction`: unavailable, not let through; and the caller is told nothing of the inside."""

    async def story() -> LimitStoreUnavailable:
        async with opened(settings(own_valkey)) as store, Valkey.from_url(own_valkey.url) as client:
            await client.config_set("maxmemory", "1")
            with pytest.raises(LimitStoreUnavailable) as closed:
                await Limiter(hourly(5), store).admit("alice", "tts-1", Usage(characters=1))
            return closed.value

    error = asyncio.run(story())
    assert "OutOfMemory" in error.detail
    assert str(own_valkey.socket) not in error.message


def test_a_refund_while_the_server_is_away_leaves_the_money_spent(own_valkey: RunningValkey) -> None:
    """The refund answers False instead of raising; after the restart the budget is still used up."""

    async def story() -> tuple[bool, str]:
        async with opened(settings(own_valkey)) as store:
            limiter = Limiter(hourly(1), store)
            admission = await limiter.admit("alice", "tts-1", Usage(characters=1))
            own_valkey.kill()
            given_back = await admission.refund()
            own_valkey.restart()
            return given_back, await outcome(limiter)

    assert asyncio.run(story()) == (False, "refused")


def test_ping_tells_whether_the_store_can_be_asked(own_valkey: RunningValkey) -> None:
    """Readiness: quiet while it runs, LimitStoreUnavailable while it does not."""

    async def story() -> None:
        async with opened(settings(own_valkey)) as store:
            await store.ping()
            own_valkey.kill()
            with pytest.raises(LimitStoreUnavailable):
                await store.ping()

    asyncio.run(story())


def test_the_settings_choose_the_store(valkey: RunningValkey) -> None:
    """No URL: memory, for one process. A URL: shared. A URL that cannot be used: an error with a hint, at once."""
    assert open_store().shared is False

    async def shared() -> bool:
        store = open_store(settings(valkey))
        await store.ping()
        await store.aclose()
        return store.shared

    assert asyncio.run(shared()) is True
    with pytest.raises(LimitStoreMisconfigured, match="host:6379/0"):
        open_store(StoreSettings(url="http://elsewhere"))


def test_a_password_in_the_url_is_never_shown() -> None:
    """Neither the settings nor the error about an unusable URL repeat any piece of it."""
    wrong = StoreSettings(url="valkey://me:sesame/open@host")
    assert "sesame" not in repr(wrong)
    with pytest.raises(LimitStoreMisconfigured) as refused:
        open_store(wrong)
    assert "sesame" not in "".join(traceback.format_exception(refused.value))


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL in a server installed without the client library: told what to install."""

    def absent(_name: str) -> Iterator[None]:
        raise ModuleNotFoundError("No module named 'valkey'", name="valkey")

    monkeypatch.setattr("reference_server.limits.opening.import_module", absent)
    with pytest.raises(LimitStoreMisconfigured, match="extra `valkey`"):
        open_store(StoreSettings(url="valkey://localhost"))

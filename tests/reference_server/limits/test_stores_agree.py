"""Memory and Valkey are two tellings of one rule: any story of requests must end alike in both, and keep the law."""

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reference_server.limits import MemoryStore, StoreSettings
from reference_server.limits.store import BudgetCharge, Charge, Decision, Grant, LimitStore, RateCharge, Spending
from reference_server.limits.valkey_store import ValkeyStore
from tests.reference_server.limits.clock import Clock
from tests.valkey import RunningValkey

pytestmark = pytest.mark.slow

# Windows in minutes of a clock that only the test moves: the real expiry inside Valkey never comes near.
MINUTE_US = 60_000_000
WINDOWS = st.integers(1, 5).map(lambda minutes: minutes * MINUTE_US)


@dataclass(frozen=True)
class Wait:
    microseconds: int


@dataclass(frozen=True)
class Admit:
    charges: tuple[Charge, ...]


@dataclass(frozen=True)
class Refund:
    """Give back the spendings of the n-th grant so far (counted round)."""

    which: int


def rate_charges(key: str) -> st.SearchStrategy[RateCharge]:
    return st.builds(RateCharge, key=st.just(key), limit=st.integers(0, 4), window_us=WINDOWS)


def budget_charges(key: str) -> st.SearchStrategy[BudgetCharge]:
    amounts = st.integers(0, 12) | st.just(9_000_000 * 10**9)
    windows = st.just(0) | WINDOWS
    return st.builds(BudgetCharge, key=st.just(key), total_nano=amounts, cost_nano=st.integers(0, 6), window_us=windows)


# Limits change between requests of one story too, as they do when servers with a new configuration join old ones.
REQUESTS = st.lists(
    st.sampled_from(["rate:a", "rate:b", "budget:a", "budget:b"]), min_size=1, max_size=4, unique=True
).flatmap(lambda keys: st.tuples(*(rate_charges(k) if k.startswith("rate") else budget_charges(k) for k in keys)))
WAITS = st.integers(0, 3 * MINUTE_US) | st.integers(1, 5).map(lambda minutes: minutes * MINUTE_US)
STORIES = st.lists(
    st.one_of(REQUESTS.map(Admit), REQUESTS.map(Admit), WAITS.map(Wait), st.integers(0, 9).map(Refund)), max_size=40
)


@dataclass
class Telling:
    """One store living through a story."""

    store: LimitStore
    clock: Clock
    decisions: list[Decision] = field(default_factory=list)
    spendings: list[Sequence[Spending]] = field(default_factory=list)

    async def live(self, step: Wait | Admit | Refund) -> None:
        if isinstance(step, Wait):
            self.clock.now_us += step.microseconds
        elif isinstance(step, Admit):
            decision = await self.store.admit(step.charges)
            self.decisions.append(decision)
            if isinstance(decision, Grant) and decision.spendings:
                self.spendings.append(decision.spendings)
        elif self.spendings:
            await self.store.refund(self.spendings.pop(step.which % len(self.spendings)))


@given(story=STORIES)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_story_ends_alike_in_memory_and_in_valkey(valkey: RunningValkey, story: list[Any]) -> None:
    """Same requests, waits, refunds and changes of limits: the same decisions, figures, waits and periods."""

    async def both() -> tuple[list[Decision], list[Decision]]:
        shared = ValkeyStore(StoreSettings(url=valkey.url, key_prefix=uuid.uuid4().hex), clock := Clock())
        tellings = Telling(MemoryStore(own := Clock()), own), Telling(shared, clock)
        for step in story:
            for telling in tellings:
                await telling.live(step)
        await shared.aclose()
        return tellings[0].decisions, tellings[1].decisions

    in_memory, in_valkey = asyncio.run(both())
    assert in_memory == in_valkey


@given(
    limit=st.integers(1, 5),
    window_us=WINDOWS,
    gaps=st.lists(st.integers(0, 2 * MINUTE_US), min_size=1, max_size=60),
)
@settings(max_examples=200, deadline=None)
def test_every_window_wherever_it_starts_holds_at_most_the_limit(limit: int, window_us: int, gaps: list[int]) -> None:
    """The law of the rate limit, against a count by hand: passed exactly when fewer than `limit` are in the window."""
    clock = Clock()
    store = MemoryStore(clock)
    passed: list[int] = []
    for gap in gaps:
        clock.now_us += gap
        expected = sum(stamp > clock.now_us - window_us for stamp in passed) < limit
        decision = asyncio.run(store.admit([RateCharge("k", limit, window_us)]))
        assert isinstance(decision, Grant) is expected
        if expected:
            passed.append(clock.now_us)


@given(total=st.integers(0, 30), steps=st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=40))
@settings(max_examples=200, deadline=None)
def test_what_is_spent_is_what_was_granted_less_what_came_back(total: int, steps: list[tuple[int, bool]]) -> None:
    """The law of the budget: a request passes exactly when something is left and its cost fits into it."""
    store, spent = MemoryStore(Clock()), 0
    for cost, fails in steps:
        decision = asyncio.run(store.admit([BudgetCharge("k", total, cost)]))
        assert isinstance(decision, Grant) is (spent < total and cost <= total - spent)
        if isinstance(decision, Grant):
            spent += cost
            if fails:
                asyncio.run(store.refund(decision.spendings))
                spent -= cost

"""Counts in this process's memory: exact for one process, gone when it ends."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reference_server.limits.store import BudgetCharge, Charge, Decision, Grant, RateCharge, Refusal, Spending

Clock = Callable[[], int]


def monotonic_us() -> int:
    """Microseconds of a clock that never steps back."""
    return time.monotonic_ns() // 1000


@dataclass(frozen=True, slots=True)
class _Account:
    """An open budget period: when it began (0 for a budget that never renews) and what was spent in it."""

    period_us: int
    spent_nano: int


class MemoryStore:
    """A LimitStore for one event loop. Nothing in a decision awaits, which is what makes it atomic.

    Memory is bounded by the configuration: a log of at most `limit` stamps per rate limit, two numbers per budget.
    """

    shared = False

    def __init__(self, clock: Clock = monotonic_us) -> None:
        self._clock = clock
        self._logs: dict[str, deque[int]] = {}
        self._accounts: dict[str, _Account] = {}

    async def admit(self, charges: Sequence[Charge]) -> Decision:
        """See LimitStore."""
        now = self._clock()
        refusals = [
            Refusal(index, *found)
            for index, charge in enumerate(charges)
            if (found := self._refuses(charge, now)) is not None
        ]
        if refusals:
            return max(refusals, key=_endurance)
        spendings = [self._count(charge, now) for charge in charges]
        return Grant(tuple(spending for spending in spendings if spending is not None))

    async def refund(self, spendings: Sequence[Spending]) -> None:
        """See LimitStore."""
        for spending in spendings:
            account = self._accounts.get(spending.key)
            if account is not None and account.period_us == spending.period_us:
                left = max(0, account.spent_nano - spending.cost_nano)
                self._accounts[spending.key] = _Account(account.period_us, left)

    async def ping(self) -> None:
        """See LimitStore: memory is always there."""

    async def aclose(self) -> None:
        """See LimitStore: nothing to let go of."""

    def _refuses(self, charge: Charge, now: int) -> tuple[int, int | None] | None:
        """Returns what was used and how long to wait when `charge` may not be counted now."""
        return self._rate_refuses(charge, now) if isinstance(charge, RateCharge) else self._budget_refuses(charge, now)

    def _rate_refuses(self, charge: RateCharge, now: int) -> tuple[int, int] | None:
        if charge.limit == 0:
            return 0, charge.window_us
        log = self._logs.get(charge.key, ())
        if len(log) < charge.limit:
            return None
        wait = log[-charge.limit] + charge.window_us - now
        return (charge.limit, wait) if wait > 0 else None

    def _budget_refuses(self, charge: BudgetCharge, now: int) -> tuple[int, int | None] | None:
        account = self._account(charge, now)
        if account.spent_nano < charge.total_nano and charge.cost_nano <= charge.total_nano - account.spent_nano:
            return None
        renews = charge.window_us > 0 and charge.total_nano > 0 and charge.cost_nano <= charge.total_nano
        return account.spent_nano, (account.period_us + charge.window_us - now if renews else None)

    def _count(self, charge: Charge, now: int) -> Spending | None:
        if isinstance(charge, BudgetCharge):
            return self._spend(charge, now)
        self._count_request(charge, now)
        return None

    def _count_request(self, charge: RateCharge, now: int) -> None:
        log = self._logs.setdefault(charge.key, deque())
        log.append(now)
        while len(log) > charge.limit:
            log.popleft()

    def _spend(self, charge: BudgetCharge, now: int) -> Spending:
        account = self._account(charge, now)
        self._accounts[charge.key] = _Account(account.period_us, account.spent_nano + charge.cost_nano)
        return Spending(charge.key, account.period_us, charge.cost_nano)

    def _account(self, charge: BudgetCharge, now: int) -> _Account:
        """Returns the running period of a budget, or a fresh one that this very charge would open."""
        account = self._accounts.get(charge.key)
        if account is not None and (charge.window_us == 0 or now < account.period_us + charge.window_us):
            return account
        return _Account(now if charge.window_us else 0, 0)


def _endurance(refusal: Refusal) -> float:
    return float("inf") if refusal.wait_us is None else refusal.wait_us

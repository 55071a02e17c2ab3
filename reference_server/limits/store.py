"""The small interface behind which the counts live, and the values that cross it.

A store decides about ALL charges of one request in one atomic step: either every one is counted, or none.

The rate limit is a sliding log: the time stamps of the last `limit` counted requests. A request passes when the
`limit`-th youngest stamp has left the window. That is exact in the strictest sense: no stretch of `window` length,
wherever it starts, ever holds more than `limit` counted requests. A fixed window lets up to twice the limit through
around its edge; a token bucket or GCRA refills while a burst is running, so a burst of 2,000 against 1,000 would see a
few more than 1,000. The price is memory, and it is bounded: never more than `limit` stamps a counter, refused requests
leave none, and one look at one stamp decides.

Times are whole microseconds; money is whole billionths of a unit ("nano").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RateCharge:
    """Counts one request against `limit` per `window_us`."""

    key: str
    limit: int
    window_us: int


@dataclass(frozen=True, slots=True)
class BudgetCharge:
    """Spends `cost_nano` of `total_nano`; `window_us` 0 means that the budget never renews."""

    key: str
    total_nano: int
    cost_nano: int
    window_us: int = 0


Charge = RateCharge | BudgetCharge


@dataclass(frozen=True, slots=True)
class Refusal:
    """The charge that refused: its index among the charges, and what was already used of it.

    `used` is requests in the window, or nano spent. `wait_us` is None where waiting does not help. When several
    charges refuse, this is the one that will refuse longest (the first of equals): whoever waits that long, waits enough.
    """

    index: int
    used: int
    wait_us: int | None


@dataclass(frozen=True, slots=True)
class Spending:
    """Proof of one counted budget charge, good for giving it back while its period lasts."""

    key: str
    period_us: int
    cost_nano: int


@dataclass(frozen=True, slots=True)
class Grant:
    """All charges were counted; `spendings` has one entry per budget charge, in their order."""

    spendings: tuple[Spending, ...] = ()


Decision = Grant | Refusal


class LimitStore(Protocol):
    """Holds the counts. Implementations are safe under concurrency; `shared` tells whether other processes see them."""

    @property
    def shared(self) -> bool:
        """True when several processes that open this store count together."""

    async def admit(self, charges: Sequence[Charge]) -> Decision:
        """Decides and count all charges in one atomic step. Raises LimitStoreUnavailable."""

    async def refund(self, spendings: Sequence[Spending]) -> None:
        """Gives back what was spent, where its period still runs. Raises LimitStoreUnavailable."""

    async def ping(self) -> None:
        """Returns when the store can be asked. Raises LimitStoreUnavailable."""

    async def aclose(self) -> None:
        """Lets go of connections; the counts stay."""

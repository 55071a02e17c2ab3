"""Spends the budget of a limited token, and remembers what was served meanwhile: a run has one budget to spend."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from conformance.drive.case import Case
from conformance.drive.requests import ask
from conformance.errors import Blocked
from conformance.http.exchange import Exchange
from conformance.target import Budget

# How many more requests are sent than spend the budget, so that one which is a little too large is seen to refuse at last.
_MORE = 2
# What a request costs is known when it has been served: a gateway may book it a moment later.
_BOOKED_WITHIN_S = 1.0


def budget_of(case: Case) -> Budget:
    """The token with a budget. Raises Blocked where none is declared."""
    budget = case.target.limited_tokens.budget
    if budget is None:
        raise Blocked("no token with a budget is declared")
    return budget


@dataclass
class Spending:
    """What the checks of a run have spent of the budget: `served` has, for each operation and encoding, what was served.

    Only one check at a time spends, so that a gateway which books late is not overrun.
    """

    served: dict[tuple[str, str], list[Exchange]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def spend(self, case: Case, route: str, form: str) -> Exchange:
        """Sends requests of an operation under the token, each with a body of its own, until one is not served.

        Returns that one, or the last of two more than the budget is for.
        """
        budget = budget_of(case)
        with self._lock:
            for number in range(budget.spend + _MORE if budget.spend else 1):
                if number and number == budget.spend:
                    time.sleep(_BOOKED_WITHIN_S)
                exchange = ask(case.example(), route, form, token=budget.token, limited=True)
                if not case.is_served(exchange):
                    break
                self.served.setdefault((route, form), []).append(exchange)
        return exchange

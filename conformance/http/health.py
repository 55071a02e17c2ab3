"""What the responses so far say of the gateway: is it still up, and how long is one more response worth waiting for?"""

from __future__ import annotations

import time

from conformance.http.exchange import Exchange, Request

_FAILURES_UNTIL_SUSPECT = 4
_TIMEOUTS_IN_BUDGET = 20
_MOST_IN_VAIN = 40
_SHORT_TIMEOUT_S = 5.0
_SHORT_TIMEOUT_SHARE = 0.2


class Health:
    """Counts requests in a row that got no response, and the time lost to silence, which has a budget.

    Several failures in a row make the gateway suspect: whoever sends next has to probe whether it is `gone`. Once the
    silence budget is exhausted, the run waits only a few seconds for each further response, and no check finds silence. Once
    forty more of them have been waited for and not one request was served, the gateway is taken for `gone`.
    `timeout_s` is how long a response may take; the budget is twenty times that.
    """

    def __init__(self, timeout_s: float) -> None:
        self._failures = 0
        self._silent_s = 0.0
        self._silence_budget_s = _TIMEOUTS_IN_BUDGET * timeout_s
        self._in_vain = 0
        self._up_since = time.monotonic()
        self._served: set[tuple[str, str]] = set()
        self.gone = ""

    def note(self, exchange: Exchange, *, provoked: bool = False) -> None:
        """Count an exchange. Silence that was `provoked` does not count against the budget: it was waited for."""
        self._failures = 0 if exchange.answer is not None else self._failures + 1
        if exchange.is_success:
            self._served.add(_kind(exchange.request))
            self._in_vain = 0
        if exchange.timed_out and not provoked:
            self._in_vain += bool(self.silence_exhausted)
            self._silent_s += exchange.elapsed_s
            if self._in_vain >= _MOST_IN_VAIN:
                self.gone = f"{self.silence_exhausted}, and serves none any more"

    def has_served(self, request: Request) -> bool:
        """Whether a request of this operation in this encoding has been served at any time."""
        return _kind(request) in self._served

    def restarted(self) -> None:
        """Note that the gateway was started again a moment ago."""
        self._up_since = time.monotonic()

    @property
    def up_for_s(self) -> float:
        """For how many seconds the gateway's process has been up, as far as this client knows: at least so many."""
        return time.monotonic() - self._up_since

    def suspect(self) -> None:
        """Have the gateway probed before the next request."""
        self._failures = _FAILURES_UNTIL_SUSPECT

    @property
    def suspect_down(self) -> bool:
        """Whether the gateway has to be probed before the next request."""
        return self._failures >= _FAILURES_UNTIL_SUSPECT

    @property
    def silence_exhausted(self) -> str:
        """Why the run waits no longer, as a clause; empty while the silence budget lasts."""
        if self._silent_s < self._silence_budget_s:
            return ""
        return f"the gateway has left requests without an answer for {self._silence_budget_s:.0f} s in all"

    @property
    def problem(self) -> str:
        """Why this run cannot be trusted to have judged all that it planned; empty where it can."""
        return self.gone or self.silence_exhausted

    def timeout_s(self, wanted_s: float) -> float:
        """How many seconds to wait for the next response: as wanted, or fewer once the silence budget is exhausted."""
        return min(_SHORT_TIMEOUT_S, _SHORT_TIMEOUT_SHARE * wanted_s) if self.silence_exhausted else wanted_s


def _kind(request: Request) -> tuple[str, str]:
    """What is asked, and in which encoding: the URL, and the media type of the body."""
    return request.url, (request.header("content-type") or "").partition(";")[0].strip().lower()

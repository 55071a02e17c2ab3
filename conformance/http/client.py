"""The client that speaks to the gateway under test: sends exactly the bytes it is given and returns whole exchanges.

It never raises for what the gateway does: a reset, a time-out or a truncated answer is an Exchange with an `error`. It
raises Blocked where no check can be decided any more: the gateway's own limit stays in the way, or the gateway is gone.
"""

from __future__ import annotations

import functools
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Self

from conformance.errors import Blocked
from conformance.http.bodies import Body
from conformance.http.endpoint import Endpoint
from conformance.http.exchange import Exchange, Request
from conformance.http.health import Health
from conformance.http.limits import ConcurrencyLimit, RateLimit, WaitBudget, retry_after_s
from conformance.http.pool import Pool

SPEECH = "/audio/speech"
TRANSCRIPTIONS = "/audio/transcriptions"
TRANSLATIONS = "/audio/translations"

_PROBING_S = 15.0
_PROBE_TIMEOUT_S = 5.0
_RECONNECT_PAUSE_S = 0.5
_ATTEMPTS_AT_A_LIMIT = 30
_SHORTEST_PAUSE_S = 0.05


class Gateway:
    """Sends requests to one gateway. Safe to use from several threads.

    `timeout_s` is how long an answer may take in all phases, besides what it takes to bring a large body there; a
    gateway that is slower has not answered. `observe` is told of every exchange that an attempt led to.
    """

    def __init__(  # noqa: PLR0913 - each is one fact of how it is reached
        self,
        endpoint: Endpoint,
        token: str,
        *,
        timeout_s: float,
        max_rate: float | None = None,
        connections: int = 32,
        observe: Callable[[Exchange], None] | None = None,
    ) -> None:
        self.endpoint = endpoint
        self.base_url = endpoint.base_url.rstrip("/")
        self.token = token
        self.timeout_s = timeout_s
        self.health = Health(timeout_s)
        self.budget = WaitBudget()
        self.observe = observe or _observe_nothing
        self._probing = threading.Lock()
        self._rate = RateLimit(max_rate)
        self._concurrency = ConcurrencyLimit()
        self._kept = Pool(connections, endpoint)
        self._fresh = Pool(0, endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()
        self._fresh.close()

    def request(
        self, path: str, body: Body | None = None, *, method: str = "POST", token: str | None = None
    ) -> Request:
        """A request to `path` below the base URL with the valid token, or with another one."""
        headers = [("Authorization", f"Bearer {self.token if token is None else token}"), ("Accept", "*/*")]
        if body is not None:
            headers.append(("Content-Type", body.content_type))
        return Request(method, self.base_url + path, tuple(headers), body.data if body else b"")

    def send(
        self, request: Request, *, limited: bool = False, fresh: bool = False, timeout_s: float | None = None
    ) -> Exchange:
        """Send and read the whole answer, on a kept connection or on a `fresh` one.

        After a refusal for the gateway's own limit the request is sent again, when its Retry-After has been waited for
        within the wait budget; `limited=True` returns the refusal.
        Raises Blocked for a limit that does not pass and for a gateway that is gone.
        """
        for _ in range(_ATTEMPTS_AT_A_LIMIT):
            exchange = self.within_limits(functools.partial(self._exchange, request, fresh=fresh), timeout_s)
            if limited or not exchange.over_limit:
                return exchange
            self.wait_for_limit(exchange)
        raise Blocked("the gateway's own limit is in the way, however often its Retry-After was kept", exchange)

    def probe(self) -> Exchange:
        """Find out whether the gateway is up: the first response to requests of several kinds, or the last failure."""
        for request in self._probes():
            exchange = self._fresh.exchange(request, self.timeout_s)
            if exchange.answer is not None or exchange.refused:
                break
        return exchange

    def within_limits(
        self, attempt: Callable[[float], Exchange], timeout_s: float | None = None, *, provoked: bool = False
    ) -> Exchange:
        """Call `attempt` once the limits allow a request, with the seconds that its response may take.

        Where no connection was made, the gateway is waited for and the attempt made again: nothing had been sent. Silence
        that the check has `provoked` is the very thing to be judged: it is waited out, and costs no silence budget.

        Raises Blocked where the gateway is gone, and where it is silent once more after the silence budget is exhausted.
        """
        wanted_s = timeout_s or self.timeout_s
        self._wait_for_rate()
        allowed_s = wanted_s if provoked else self.health.timeout_s(wanted_s)
        with self._concurrency.slot():
            exchange = attempt(allowed_s)
            if exchange.refused:
                self.health.suspect()
                self._wait_for_rate()
                exchange = attempt(allowed_s)
        self.health.note(exchange, provoked=provoked)
        self.observe(exchange)
        if exchange.timed_out and allowed_s < wanted_s:
            reason = self.health.silence_exhausted
            raise Blocked(f"{reason}: the run does not wait longer than {allowed_s:g} s for more", exchange)
        return exchange

    def _exchange(self, request: Request, timeout_s: float, *, fresh: bool) -> Exchange:
        first = (self._fresh if fresh else self._kept).exchange(request, timeout_s)
        if not first.broken:
            return first
        # A kept connection that the gateway closed in the meantime looks just like a reset: only a fresh one shows which.
        second = self._fresh.exchange(request, timeout_s)
        if second.refused:
            self.health.suspect()
            second = self._fresh.exchange(request, timeout_s) if self._comes_back() else first
        # Where the gateway went down and stays down, the first result stands: the request may be the reason.
        return replace(second, resent=True)

    def wait_for_limits(self) -> None:
        """Wait until a check may send on a connection of its own.

        Raises Blocked where the gateway is gone, and where the silence budget is exhausted.
        """
        if self.health.silence_exhausted:
            raise Blocked(self.health.silence_exhausted)
        self._wait_for_rate()

    def _wait_for_rate(self) -> None:
        if not self._comes_back():
            raise Blocked(self.health.gone)
        self._rate.wait()

    def _comes_back(self) -> bool:
        """Whether the gateway is up: as far as is known, and where that is in doubt, by probing it."""
        if self.health.suspect_down and not self.health.gone:
            with self._probing:
                if self.health.suspect_down and not self.health.gone:
                    self._probe_for_a_while()
        return not self.health.gone

    def _probe_for_a_while(self) -> None:
        """Wait for any response at all: many checks in a row may have been left without one for reasons of their own."""
        until = time.monotonic() + _PROBING_S
        for request in itertools.cycle(self._probes()):
            exchange = self._fresh.exchange(request, _PROBE_TIMEOUT_S)
            if exchange.answer is not None:
                self.health.note(exchange)
                return
            if time.monotonic() > until:
                break
            if not exchange.timed_out:
                time.sleep(_RECONNECT_PAUSE_S)
        self.health.gone = f"the gateway no longer answers ({exchange.error})"

    def _probes(self) -> tuple[Request, ...]:
        """Requests that any gateway answers without asking a provider; one that hangs on a kind may answer another."""
        return Request("POST", self.base_url + SPEECH), self.request(TRANSCRIPTIONS), self.request("", method="GET")

    def wait_for_limit(self, exchange: Exchange) -> None:
        """Wait as a refusal for the gateway's limit asks. Raises Blocked where that is beyond the wait budget.

        One without Retry-After may mean too many at a time: fewer are sent then, before any time is waited for.
        """
        asked = exchange.answer.header("retry-after") if exchange.answer else None
        if asked is None and self._concurrency.lower():
            return
        seconds = max(retry_after_s(asked), _SHORTEST_PAUSE_S)
        if not self.budget.allows(seconds):
            raise Blocked(f"the gateway's own limit is in the way (Retry-After {seconds:g} s)", exchange)
        # All requests wait, so that checks running side by side do not spend the run's wait budget many times over.
        self.budget.spend(self._rate.postpone(seconds))


def _observe_nothing(_: Exchange) -> None:
    pass

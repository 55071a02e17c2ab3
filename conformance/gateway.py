"""The client that speaks to the gateway under test: sends exactly the bytes it is given and returns whole exchanges.

It never raises for what the gateway does: a reset, a time-out or a truncated answer is an Exchange with an ``error``. It
raises Blocked where no check can be decided any more: the gateway's own limit stays in the way, or the gateway is gone.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Self

from conformance.bodies import Body
from conformance.exchange import Exchange, Request
from conformance.health import Health
from conformance.outcomes import Blocked
from conformance.pool import NoAnswerError, Pool
from conformance.schema_coverage import Coverage

SPEECH = "/audio/speech"
TRANSCRIPTIONS = "/audio/transcriptions"
TRANSLATIONS = "/audio/translations"

_PROBING_S = 15.0
_PROBE_TIMEOUT_S = 5.0
_RECONNECT_PAUSE_S = 0.5
_RETRY_AFTER_CAP_S = 20.0
_ATTEMPTS_AT_A_LIMIT = 30
_SHORTEST_PAUSE_S = 0.05
_LONGEST_IN_LINE_S = 5.0


class Pace:
    """When the next request may go out, over all threads: at most ``rate`` a second (None: any), and not while postponed."""

    def __init__(self, rate: float | None) -> None:
        self._interval = 1.0 / rate if rate else 0.0
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            due = max(self._next, now)
            if self._interval:
                self._next = due + self._interval
        time.sleep(due - now)

    def postpone(self, seconds: float) -> float:
        """Hold everything back for so long. Returns by how much that puts the next request off."""
        with self._lock:
            until = time.monotonic() + seconds
            added = max(0.0, until - max(self._next, time.monotonic()))
            self._next = max(self._next, until)
            return added


class Patience:
    """How long a run may wait for the gateway's own rate limit: so many seconds at a time, so many in all."""

    def __init__(self, in_all_s: float = 180.0) -> None:
        self._left_s = in_all_s
        self._lock = threading.Lock()

    def allows(self, seconds: float) -> bool:
        return seconds <= min(self._left_s, _RETRY_AFTER_CAP_S)

    def spend(self, seconds: float) -> None:
        with self._lock:
            self._left_s -= seconds


class Room:
    """How many requests may be in flight: any number, until the gateway says that there are too many."""

    def __init__(self) -> None:
        self._in_flight = 0
        self._most = 0
        self._allowed: int | None = None
        self._is_unbounded = False
        self._freed = threading.Condition()
        self._mine = threading.local()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Be one of them once there is room, or after a while: one that is held on purpose may wait for the next."""
        with self._freed:
            self._freed.wait_for(lambda: self._allowed is None or self._in_flight < self._allowed, _LONGEST_IN_LINE_S)
            self._in_flight += 1
            self._most = max(self._most, self._in_flight)
            self._mine.beside = self._in_flight - 1
        try:
            yield
        finally:
            with self._freed:
                self._in_flight -= 1
                self._freed.notify()

    def narrow(self) -> bool:
        """Allow one less from now on, because this thread's last request was refused.

        False where it was refused though it was alone: their number is not what the gateway minds, and is free again.
        """
        with self._freed:
            if self._is_unbounded:
                return False
            if self._allowed == 1 and not self._mine.beside:
                self._allowed, self._is_unbounded = None, True
                self._freed.notify_all()
                return False
            self._allowed = max(1, (self._allowed or self._most) - 1)
            return True


class Gateway:
    """Sends requests to one gateway. Safe to use from several threads.

    ``timeout_s`` is how long an answer may take in all phases, besides what it takes to bring a large body there; a
    gateway that is slower has not answered.
    """

    def __init__(
        self, base_url: str, token: str, *, timeout_s: float, max_rate: float | None = None, connections: int = 32
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = token
        self.timeout_s = timeout_s
        self.health = Health(timeout_s)
        self.patience = Patience()
        self.coverage = Coverage(self.base_url)
        self._probing = threading.Lock()
        self._pace = Pace(max_rate)
        self._room = Room()
        self._kept = Pool(connections)
        self._fresh = Pool(0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()
        self._fresh.close()

    def request(
        self, path: str, body: Body | None = None, *, method: str = "POST", token: str | None = None
    ) -> Request:
        """A request to ``path`` below the base URL with the valid token, or with another one."""
        headers = [("Authorization", f"Bearer {self.token if token is None else token}"), ("Accept", "*/*")]
        if body is not None:
            headers.append(("Content-Type", body.content_type))
        return Request(method, self.base_url + path, tuple(headers), body.data if body else b"")

    def send(self, request: Request, *, limited: bool = False, timeout_s: float | None = None) -> Exchange:
        """Send and read the whole answer.

        An unexpected 429 is waited for as its Retry-After says, within a budget; ``limited=True`` takes it as it comes.
        Raises Blocked for a limit that does not pass and for a gateway that is gone.
        """
        for _ in range(_ATTEMPTS_AT_A_LIMIT):
            exchange = self.in_turn(lambda patience_s: self._exchange(request, patience_s), timeout_s)
            if limited or exchange.status != 429:
                return exchange
            self.wait_for_limit(exchange)
        raise Blocked("the gateway's own limit is in the way (429, however often its Retry-After was kept)", exchange)

    def knock(self) -> Exchange:
        """Is anybody there? The first answer to requests of several kinds, whatever has been seen of the gateway so far."""
        for request in self._knocks():
            exchange = self._attempt(self._fresh, request, self.timeout_s)
            if exchange.answer is not None or exchange.refused:
                break
        return exchange

    def in_turn(
        self, attempt: Callable[[float], Exchange], timeout_s: float | None = None, *, provoked: bool = False
    ) -> Exchange:
        """Make an attempt when it may go out; it is told how many seconds an answer may take.

        Where nobody listened, the gateway is waited for and the attempt made again: nothing had been sent. Raises Blocked
        where the gateway is gone, and where it stays silent once more after too much silence. Silence that the check has
        ``provoked`` is the very thing to be judged: it is waited out, and makes no run weary.
        """
        wanted_s = timeout_s or self.timeout_s
        self._wait_turn()
        patience_s = wanted_s if provoked else self.health.patience_s(wanted_s)
        with self._room.entered():
            exchange = attempt(patience_s)
            if exchange.refused:
                self.health.doubt()
                self._wait_turn()
                exchange = attempt(patience_s)
        self.health.note(exchange, provoked=provoked)
        self.coverage.note(exchange)
        if exchange.timed_out and patience_s < wanted_s:
            raise Blocked(f"{self.health.weary}: the run does not wait longer than {patience_s:g} s for more", exchange)
        return exchange

    def _exchange(self, request: Request, timeout_s: float) -> Exchange:
        first = self._attempt(self._kept, request, timeout_s)
        if not first.broken:
            return first
        # A kept connection that the gateway closed in the meantime looks just like a reset: only a fresh one can tell.
        second = self._attempt(self._fresh, request, timeout_s)
        if second.refused:
            self.health.doubt()
            second = self._attempt(self._fresh, request, timeout_s) if self._comes_back() else first
        # Where it fell while it had the request and stays away, nobody is left to say that it was not the request's fault.
        return replace(second, resent=True)

    def wait_turn(self) -> None:
        """Wait until a check may send on a connection of its own.

        Raises Blocked where the gateway is gone, and where the run has waited for answers in vain for too long.
        """
        if self.health.weary:
            raise Blocked(self.health.weary)
        self._wait_turn()

    def _wait_turn(self) -> None:
        if not self._comes_back():
            raise Blocked(self.health.gone)
        self._pace.wait()

    def _comes_back(self) -> bool:
        """Whether the gateway is there: as far as is known, and where that is in doubt, by asking it."""
        if self.health.suspect and not self.health.gone:
            with self._probing:
                if self.health.suspect and not self.health.gone:
                    self._probe()
        return not self.health.gone

    def _probe(self) -> None:
        """Ask for any answer at all: many checks in a row may have been left without one for reasons of their own."""
        until = time.monotonic() + _PROBING_S
        for request in itertools.cycle(self._knocks()):
            exchange = self._attempt(self._fresh, request, _PROBE_TIMEOUT_S)
            if exchange.answer is not None:
                self.health.note(exchange)
                return
            if time.monotonic() > until:
                break
            if not exchange.timed_out:
                time.sleep(_RECONNECT_PAUSE_S)
        self.health.gone = f"the gateway no longer answers ({exchange.error})"

    def _knocks(self) -> tuple[Request, ...]:
        """Requests that any gateway answers without asking a provider; one that hangs on a kind may answer another."""
        return Request("POST", self.base_url + SPEECH), self.request(TRANSCRIPTIONS), self.request("", method="GET")

    def _attempt(self, pool: Pool, request: Request, timeout_s: float) -> Exchange:
        started = time.monotonic()
        try:
            answer = pool.fetch(request, timeout_s)
        except NoAnswerError as lost:
            return Exchange(
                request,
                None,
                lost.reason,
                time.monotonic() - started,
                timed_out=lost.timed_out,
                refused=lost.refused,
                broken=lost.broken,
            )
        return Exchange(request, answer, None, time.monotonic() - started)

    def wait_for_limit(self, exchange: Exchange) -> None:
        """Wait as a 429 asks. Raises Blocked where that is beyond the run's budget.

        One that does not say how long may be for so many at a time: fewer are sent then, before any time is waited for.
        """
        asked = exchange.answer.header("retry-after") if exchange.answer else None
        if asked is None and self._room.narrow():
            return
        seconds = max(retry_after_s(asked), _SHORTEST_PAUSE_S)
        if not self.patience.allows(seconds):
            raise Blocked(f"the gateway's own limit is in the way (429, Retry-After {seconds:g} s)", exchange)
        # All requests wait, so that checks running side by side do not spend the patience of the run many times over.
        self.patience.spend(self._pace.postpone(seconds))


def retry_after_s(value: str | None, now: Callable[[], float] = time.time) -> float:
    """Seconds that a Retry-After asks for (a number or an HTTP date); 1 where it is absent or unreadable."""
    if not value:
        return 1.0
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - now())
    except (TypeError, ValueError):
        return 1.0

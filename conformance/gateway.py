"""The client that speaks to the gateway under test: sends exactly the bytes it is given and returns whole exchanges.

It never raises for what the gateway does: a reset, a time-out or a truncated answer is an Exchange with an ``error``. It
raises Blocked where no check can be decided any more: the gateway's own limit stays in the way, or the gateway is gone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Self

import httpx

from conformance.bodies import Body
from conformance.exchange import Answer, Exchange, Request
from conformance.outcomes import Blocked

SPEECH = "/audio/speech"
TRANSCRIPTIONS = "/audio/transcriptions"
TRANSLATIONS = "/audio/translations"

_FAILURES_UNTIL_SUSPECT = 8
_PROBES = 6
_PROBE_TIMEOUT_S = 5.0
_RECONNECT_PAUSE_S = 0.5
_RETRY_AFTER_CAP_S = 20.0
_ATTEMPTS_AT_A_LIMIT = 30
_SHORTEST_PAUSE_S = 0.05


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


class Health:
    """Counts requests in a row that got no answer; many of them make the gateway suspect, and a probe then decides."""

    def __init__(self) -> None:
        self._failures = 0
        self.gone = ""

    def note(self, exchange: Exchange) -> None:
        self._failures = 0 if exchange.answer is not None else self._failures + 1

    @property
    def suspect(self) -> bool:
        return self._failures >= _FAILURES_UNTIL_SUSPECT


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


class Gateway:
    """Sends requests to one gateway. Safe to use from several threads.

    ``timeout_s`` is how long an answer may take in all phases; a gateway that is slower has not answered.
    """

    def __init__(
        self, base_url: str, token: str, *, timeout_s: float, max_rate: float | None = None, connections: int = 32
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = token
        self.timeout_s = timeout_s
        self.health = Health()
        self.patience = Patience()
        self._probing = threading.Lock()
        self._pace = Pace(max_rate)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=connections, keepalive_expiry=4.0)
        self._kept = httpx.Client(limits=limits, timeout=timeout_s, trust_env=False)
        self._fresh = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=timeout_s, trust_env=False)

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
            exchange = self._send_once(request, timeout_s)
            if limited or exchange.status != 429:
                return exchange
            self.wait_for_limit(exchange)
        raise Blocked("the gateway's own limit is in the way (429, however often its Retry-After was kept)", exchange)

    def _send_once(self, request: Request, timeout_s: float | None) -> Exchange:
        self.wait_turn()
        exchange = self._attempt(self._kept, request, timeout_s)
        if exchange.answer is None and not exchange.timed_out:
            # A kept connection that the gateway closed in the meantime looks just like a reset: only a fresh one can tell.
            exchange = replace(self._attempt(self._fresh, request, timeout_s), resent=True)
        self.health.note(exchange)
        return exchange

    def wait_turn(self) -> None:
        """Wait until one more request may go out. Raises Blocked where the gateway is gone."""
        self._make_sure_it_lives()
        self._pace.wait()

    def _make_sure_it_lives(self) -> None:
        if not self.health.gone and not self.health.suspect:
            return
        with self._probing:
            if self.health.suspect and not self.health.gone:
                self._probe()
            if self.health.gone:
                raise Blocked(self.health.gone)

    def _probe(self) -> None:
        """Ask for any answer at all: many checks in a row may have been left without one for reasons of their own."""
        request = Request("POST", self.base_url + SPEECH)
        for _ in range(_PROBES):
            exchange = self._attempt(self._fresh, request, _PROBE_TIMEOUT_S)
            self.health.note(exchange)
            if exchange.answer is not None:
                return
            if not exchange.timed_out:
                time.sleep(_RECONNECT_PAUSE_S)
        self.health.gone = f"the gateway no longer answers ({exchange.error})"

    def _attempt(self, client: httpx.Client, request: Request, timeout_s: float | None) -> Exchange:
        started = time.monotonic()

        def done(answer: Answer | None = None, error: str | None = None, *, timed_out: bool = False) -> Exchange:
            return Exchange(request, answer, error, time.monotonic() - started, timed_out=timed_out)

        try:
            answer = _read(client, _to_httpx(client, request, timeout_s), started + (timeout_s or self.timeout_s))
        except (httpx.TimeoutException, _TooLate):
            return done(error=f"no whole answer within {timeout_s or self.timeout_s:g} s", timed_out=True)
        except httpx.ConnectError as error:
            return done(error=f"connection refused ({error})")
        except httpx.TransportError as error:
            return done(error=f"connection broken ({type(error).__name__}: {error})")
        return done(answer)

    def wait_for_limit(self, exchange: Exchange) -> None:
        """Wait as a 429 asks. Raises Blocked where that is beyond the run's budget."""
        asked = exchange.answer.header("retry-after") if exchange.answer else None
        seconds = max(retry_after_s(asked), _SHORTEST_PAUSE_S)
        if not self.patience.allows(seconds):
            raise Blocked(f"the gateway's own limit is in the way (429, Retry-After {seconds:g} s)", exchange)
        # All requests wait, so that checks running side by side do not spend the patience of the run many times over.
        self.patience.spend(self._pace.postpone(seconds))


class _TooLate(Exception):
    pass


def _to_httpx(client: httpx.Client, request: Request, timeout_s: float | None) -> httpx.Request:
    content = _pieces(request.body) if request.chunked else request.body
    headers = [(name.encode("latin-1"), value.encode("utf-8", "surrogateescape")) for name, value in request.headers]
    if not any(name.lower() == b"accept-encoding" for name, _ in headers):
        headers.append((b"Accept-Encoding", b"identity"))
    return client.build_request(
        request.method, request.url, headers=headers, content=content, timeout=timeout_s or client.timeout
    )


def _pieces(body: bytes) -> Iterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


def _read(client: httpx.Client, request: httpx.Request, deadline: float) -> Answer:
    response = client.send(request, stream=True)
    try:
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if time.monotonic() > deadline:
                raise _TooLate
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
        return Answer(response.status_code, headers, bytes(body))
    finally:
        response.close()


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

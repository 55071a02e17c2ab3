"""Plain valid requests: is the gateway serving an operation right now, or does it rest?

A gateway may refuse everything for a while after its provider failed, or because of what other checks of this run sent.
What is judged in such a time would be judged by chance, so it is waited for, within a budget.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange
from conformance.http.limits import retry_after_s

LONGEST_REST_S = 60.0
"""Seconds for which a gateway may rest a provider (docs/contract/rulings.md#statuses-provider-rests)."""

_PAUSES_S = (0.25, 0.5, 1.0, 2.0)
_REMEMBERED = 400
_ASK_AGAIN_EVERY_S = 1.0
_TIMES_AS_LONG = 10


@dataclass(frozen=True, slots=True)
class Rest:
    """A time in which an operation was refused to plain valid requests.

    `trigger` says what came just before; `seconds` counts from the first refusal; `ended` is False where it outlasted every
    wait.
    """

    route: str
    trigger: str
    refusal: str
    seconds: float
    ended: bool

    def __str__(self) -> str:
        how_long = f"for {self.seconds:.0f} s" if self.ended else f"for {self.seconds:.0f} s and more"
        return f"{self.trigger}, all requests for {self.route} were refused {how_long} ({self.refusal})"


@dataclass(frozen=True, slots=True)
class _Refusals:
    """A rest that is not over yet: what came before it, when it began, and how it looks."""

    trigger: str
    since: float
    refusal: str


@dataclass(slots=True)
class _Seen:
    """What the run has seen of one operation: its last exchanges (end, status, kind), and the rest that it is in.

    `asked` is when the last plain valid request was sent, `succeeded` whether that had the status of a success; None where
    it got no answer. `took_s` is how long that one took.
    """

    recent: deque[tuple[float, int | None, str]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    served: bool = False
    asked: float = float("-inf")
    took_s: float = 0.0
    succeeded: bool | None = None
    rest: _Refusals | None = None
    lost: bool = False


class Canaries:
    """Sends one plain valid request of an operation at a time, and waits while it is refused though it was served before.

    `ask` sends such a request and takes whatever comes. An operation that has never been served in this run is not waited
    for: it does not rest, it is broken; a text under the status of a success serves nobody who asked for `audio`. Only
    `note` may be called from several threads.
    """

    def __init__(  # noqa: PLR0913 - a budget, and the time that tests replace
        self,
        ask: Callable[[str], Exchange],
        paths: Mapping[str, str],
        served: Statuses,
        *,
        audio: Collection[str] = (),
        budget_s: float = 5 * LONGEST_REST_S,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ask = ask
        self._served = served
        self._audio = audio
        self._routes = {path: route for route, path in paths.items()}
        self._seen = {route: _Seen() for route in paths}
        self._left_s = budget_s
        self._clock = clock
        self._sleep = sleep
        self.rests: list[Rest] = []

    def note(self, exchange: Exchange) -> None:
        """Remember an exchange of the run, to tell later what made the gateway rest."""
        route = next((name for path, name in self._routes.items() if exchange.request.url.endswith(path)), None)
        if route is None:
            return
        seen = self._seen[route]
        succeeded = exchange.status in self._served
        seen.served = seen.served or (succeeded and not (route in self._audio and _is_text(exchange)))
        # What was served is no refusal, so nobody will ask what it said.
        kind = "" if succeeded else _kind(exchange)
        seen.recent.append((self._clock(), exchange.status, kind))

    def look(self, route: str) -> None:
        """Notice whether the operation rests or has come back, without waiting; asks once a second at most.

        Where no answer comes for long, that is the smaller part of the time.
        """
        seen = self._seen[route]
        if self._clock() - seen.asked >= max(_ASK_AGAIN_EVERY_S, _TIMES_AS_LONG * seen.took_s):
            self._try(route)

    def serves(self, route: str) -> bool:
        """Whether a plain valid request of the operation is served, now or after a rest that was waited for.

        What no request was ever served of does not rest: while it answers, it is asked again once a second at most.
        """
        seen = self._seen[route]
        if not seen.served and seen.succeeded is not None and self._clock() - seen.asked < _ASK_AGAIN_EVERY_S:
            return seen.succeeded
        exchange = self._try(route)
        if exchange.status in self._served or seen.rest is None or seen.lost:
            return exchange.status in self._served
        began, tries = self._clock(), 0
        until = min(seen.rest.since + LONGEST_REST_S, began + self._left_s) + _PAUSES_S[-1]
        while seen.rest and self._clock() < until:
            self._sleep(self._pause(exchange, tries))
            exchange, tries = self._try(route), tries + 1
        self._left_s -= self._clock() - began
        if seen.rest:
            seen.lost = True
            self._end(route, seen.rest, ended=False)
        return not seen.lost

    def may_still_rest(self, route: str) -> bool:
        """Whether the operation is in a rest no longer than it may be: the budget for waiting was too small."""
        rest = self._seen[route].rest
        return rest is not None and self._clock() - rest.since <= LONGEST_REST_S

    def _try(self, route: str) -> Exchange:
        """Ask once; a rest begins with the first refusal of what was served before, and ends with the next success."""
        seen = self._seen[route]
        was_served, before = seen.served, list(seen.recent)
        began = self._clock()
        exchange = self._ask(route)
        seen.asked = self._clock()
        seen.took_s = seen.asked - began
        seen.succeeded = exchange.status in self._served if exchange.answer else None
        if exchange.status in self._served:
            if seen.rest:
                self._end(route, seen.rest, ended=True)
            seen.rest, seen.lost = None, False
        elif was_served and seen.rest is None:
            trigger, since = self._trigger(before, exchange)
            seen.rest = _Refusals(trigger, since, exchange.got[:120])
        return exchange

    def _end(self, route: str, rest: _Refusals, *, ended: bool) -> None:
        self.rests.append(Rest(route, rest.trigger, rest.refusal, self._clock() - rest.since, ended))

    def _pause(self, exchange: Exchange, tries: int) -> float:
        """As the refusal asks, but not for long at a time: what it asks for may be more than is needed."""
        asked = exchange.answer.header("retry-after") if exchange.answer else None
        pause = _PAUSES_S[min(tries, len(_PAUSES_S) - 1)]
        return min(max(retry_after_s(asked), pause), 4 * pause) if asked else pause

    def _trigger(self, recent: list[tuple[float, int | None, str]], refused: Exchange) -> tuple[str, float]:
        """What came before the first of the refusals that are alike, in words, and when that was."""
        alike, since = _kind(refused), self._clock()
        while recent and recent[-1][2] == alike:
            since = recent.pop()[0]
        failures: list[int | None] = []
        while recent and recent[-1][1] not in self._served:
            failures.append(recent.pop()[1])
        if not failures:
            return "For no reason that the run shows", since
        statuses = ", ".join(sorted({str(status or "no response") for status in failures}))
        plural = "s" if len(failures) > 1 else ""
        return f"After {len(failures)} failed request{plural} in a row ({statuses})", since


def _is_text(exchange: Exchange) -> bool:
    media_type = exchange.answer.media_type if exchange.answer else ""
    return media_type.startswith("text/") or media_type == "application/json"


def _kind(exchange: Exchange) -> str:
    """A response without what differs from one request to the next: digits and ids."""
    if exchange.answer is None:
        return exchange.error or "no response"
    error = exchange.answer.document().get("error")
    told = error.get("message") if isinstance(error, dict) else error
    words = "".join(char for char in str(told or "") if not char.isdigit())
    return f"{exchange.answer.status} {words[:80]}"

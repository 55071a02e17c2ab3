"""Bursts under a rate-limited token: requests one after another until one is refused.

Where a burst was served more than a limit allows, it may have met the end of a window. Then another is sent in the next
window: all operations wait for that together, and only where one burst alone does not decide.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping

from conformance.drive.case import Case
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, valid_request, with_token
from conformance.errors import Blocked, CheckStopped, NotVerified, Violated
from conformance.http.exchange import Exchange, Request
from conformance.http.limits import retry_after_s
from conformance.judge.client.headers import header_of
from conformance.judge.limits import Burst, LimitStatuses, exceeds, exceeds_beyond_doubt, refuses_as_a_limit
from conformance.target import RateLimit

_MOST_WINDOW_S = 90.0
# Where a burst takes more of the window than this, its end may fall into a burst again and again.
_LARGEST_SHARE = 0.1

FRESH, SERVED_BEFORE = "fresh", "served-before"
KINDS: Mapping[str, str] = {FRESH: "", SERVED_BEFORE: ", each the same that another token was just served"}
"""What is sent in a burst: bodies that nobody has sent before, or each once another token was served it; in words."""

_Key = tuple[str, str, str]
_Ask = Callable[[Case], Exchange]


def send_burst(case: Case, limit: RateLimit, route: str, form: str, kind: str = FRESH) -> Burst:
    """Send valid requests until one is refused, at most as many as two windows would serve, and the first of them again.

    Raises Violated where they are refused, but not as a limit does it; Blocked where they are not served for another
    reason.
    """
    names = ("served", "limit", "client-fault", "limited-token-unusable")
    statuses = LimitStatuses(*map(case.contract.statuses, names))
    started = time.monotonic()
    exchanges = _until_refused(case, limit, _asking(limit, route, form, kind))
    if case.is_served(exchanges[0]) and exchanges[-1].status in statuses.limit:
        # Nobody is served over the limit because the same was served to him before.
        again = exchanges[0].request
        exchanges += _until_refused(case, limit, lambda this: _sent(this, again))
    burst = Burst(tuple(exchanges), time.monotonic() - started, statuses)
    case.judge(refuses_as_a_limit(burst, limit.limit, because=f"{route} ({form}) under a rate limit"))
    if burst.broken_by is not None:
        raise Blocked(f"a valid request under the limited token is not served: {burst.broken_by.got}", burst.broken_by)
    return burst


def _until_refused(case: Case, limit: RateLimit, asking: _Ask) -> list[Exchange]:
    exchanges: list[Exchange] = []
    while len(exchanges) < 2 * limit.limit + 3:
        exchanges.append(asking(case.example()))
        if not case.is_served(exchanges[-1]):
            break
    return exchanges


def _asking(limit: RateLimit, route: str, form: str, kind: str) -> _Ask:
    def after_another(case: Case) -> Exchange:
        request = valid_request(case, route, form)
        case.succeeded(case.send(request))
        return _sent(case, with_token(request, limit.token))

    def fresh(case: Case) -> Exchange:
        return _sent(case, valid_request(case, route, form, token=limit.token))

    return after_another if kind == SERVED_BEFORE else fresh


def _sent(case: Case, request: Request) -> Exchange:
    """Each on a connection of its own: they come to all workers of a gateway, which have one count together."""
    return case.send(request, limited=True, fresh=True)


class Bursts:
    """The bursts of a run, of every operation, encoding and kind: sent when the first is asked for, judged one by one."""

    def __init__(self) -> None:
        self._results: dict[_Key, list[Burst] | Violated | CheckStopped] = {}

    def of(self, case: Case, limit: RateLimit, route: str, form: str, kind: str) -> list[Burst]:
        """One burst, or two where the first did not decide. Raises what `send_burst` raised; NotVerified for no decision."""
        if not self._results:
            self._send_all(case, limit)
        result = self._results[route, form, kind]
        if isinstance(result, BaseException):
            raise result
        return result

    def _send_all(self, case: Case, limit: RateLimit) -> None:
        keys = [(*pair, kind) for kind in KINDS for pair in OPERATIONS_AND_ENCODINGS if case.contract.has(*pair)]
        for key in keys:
            self._keep(key, functools.partial(_first, case, limit, key))
        doubtful = {key: bursts[0] for key, bursts in self._sent() if _in_doubt(bursts[0], limit)}
        if not doubtful:
            return
        time.sleep(max(_rest_of_window_s(limit, burst) for burst in doubtful.values()))
        for key, first in doubtful.items():
            self._keep(key, functools.partial(_second, case, limit, key, first))

    def _sent(self) -> list[tuple[_Key, list[Burst]]]:
        return [(key, result) for key, result in self._results.items() if isinstance(result, list)]

    def _keep(self, key: _Key, make: Callable[[], list[Burst]]) -> None:
        try:
            self._results[key] = make()
        except (Violated, CheckStopped) as error:
            self._results[key] = error


def _first(case: Case, limit: RateLimit, key: _Key) -> list[Burst]:
    """One burst. Raises NotVerified where it shows nothing, or where another would be needed that takes too long."""
    burst = send_burst(case, limit, *key)
    if burst.refused is None and not exceeds(burst, limit.limit, limit.window_s):
        raise NotVerified("declare a smaller limited_tokens.rate_limit.limit: it was not reached fast enough")
    if _in_doubt(burst, limit) and limit.window_s > _MOST_WINDOW_S:
        raise NotVerified(f"declare limited_tokens.rate_limit with a window_s of {_MOST_WINDOW_S:g} or less")
    return [burst]


def _in_doubt(burst: Burst, limit: RateLimit) -> bool:
    exceeded = exceeds(burst, limit.limit, limit.window_s)
    return exceeded and not exceeds_beyond_doubt(burst, limit.limit, limit.window_s)


def _second(case: Case, limit: RateLimit, key: _Key, first: Burst) -> list[Burst]:
    """Both bursts. Raises NotVerified where a window is hardly longer than a burst."""
    second = send_burst(case, limit, *key)
    if max(first.elapsed_s, second.elapsed_s) > limit.window_s * _LARGEST_SHARE:
        raise NotVerified("declare a longer limited_tokens.rate_limit.window_s: its end falls into every burst")
    return [first, second]


def _rest_of_window_s(limit: RateLimit, burst: Burst) -> float:
    value = header_of(burst.refused, "retry-after") if burst.refused else None
    return min(limit.window_s, retry_after_s(value)) if value else limit.window_s

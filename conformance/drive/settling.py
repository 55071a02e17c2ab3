"""Tells a refusal that passes from one that lasts: a limit of the gateway's is waited out, a leak is not.

A gateway may limit a token, and rest a failing provider for a minute; what it refuses for longer than every wait, it has
lost. Where the refusal itself says that it is a limit which nobody can wait out, nothing is decided.

A quota of a day or of an hour may say nothing. It is told from a loss by another token: who asks with that one is served.
"""

from __future__ import annotations

import itertools
import re
import time

from conformance.drive.case import Case
from conformance.drive.requests import ask, other_token
from conformance.errors import Blocked
from conformance.http.exchange import Exchange
from conformance.http.limits import retry_after_s

LIMIT_PASSES_WITHIN_S = 62.0
"""Seconds after which a limit of so many requests in a minute has passed, and a provider's rest of a minute too."""

# Few: a limiter may count what it refuses.
_PAUSES_S = (0.5, 0.5, 1.0, 2.0, 4.0, 8.0)
_SPENT = re.compile(
    rb"budget|quota|credit|billing|spend|spent|balance|\b(per|an?|this|every|each)[ -](hour|day|week|month)\b"
    rb"|\b(hourly|daily|weekly|monthly)\b|/ ?(hour|day|month)\b",
    re.IGNORECASE,
)
# In how many seconds a limit comes back, or when, as gateways name it beside Retry-After.
_RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-ratelimit-reset-requests", "x-rate-limit-reset")
_SECONDS = re.compile(r"\d+(\.\d+)?")
_A_POINT_IN_TIME_S = 1e9
# A token of its own may have just been asked for as much as it may ask at a time.
_OTHER_TOKEN_PAUSES_S = (0.0, 2.0)


def served_in_the_end(
    case: Case, route: str, form: str, *, within_s: float = LIMIT_PASSES_WITHIN_S, token: str | None = None
) -> Exchange:
    """Asks for an operation until it is served; returns the success, or the refusal that outlasted every wait.

    A refusal for a limit is waited out as it asks, at least as long as the limit of a minute takes; any other for
    `within_s`. `token` stands in for the run's own. Raises Blocked for a limit that says that it does not pass in such a
    time.
    """
    started = time.monotonic()
    for number in itertools.count():
        exchange = ask(case.example(), route, form, limited=True, token=token)
        if case.is_served(exchange):
            return exchange
        longest_s = max(within_s, LIMIT_PASSES_WITHIN_S) if exchange.over_limit else within_s
        left_s = started + longest_s - time.monotonic()
        if left_s <= 0:
            break
        time.sleep(_pause_s(exchange, number, left_s))
    _raise_for_spent(exchange)
    return exchange


def still_served(case: Case, route: str, form: str) -> str | None:
    """Another token that is served where the run's own is refused for a limit; None where there is none, or it is refused.

    Where there is one, the limit may be that token's alone: a quota that says nothing, and lasts.
    """
    token = other_token(case, route)
    for pause_s in _OTHER_TOKEN_PAUSES_S if token else ():
        time.sleep(pause_s)
        if case.is_served(ask(case.example(), route, form, limited=True, token=token)):
            return token
    return None


def _pause_s(exchange: Exchange, number: int, left_s: float) -> float:
    """As long as the refusal asks, else a little longer each time. Raises Blocked where it asks for too long."""
    asked = exchange.answer.header("retry-after") if exchange.answer and exchange.over_limit else None
    if asked is None:
        return min(_PAUSES_S[min(number, len(_PAUSES_S) - 1)], left_s)
    seconds = retry_after_s(asked)
    if seconds > LIMIT_PASSES_WITHIN_S:
        raise Blocked(f"the gateway's own limit is in the way (Retry-After {seconds:g} s)", exchange)
    return max(seconds, _PAUSES_S[0])


def _raise_for_spent(exchange: Exchange) -> None:
    """Raises Blocked for a refusal that says that something is used up which does not come back by waiting."""
    if not exchange.over_limit or exchange.answer is None:
        return
    if _SPENT.search(exchange.answer.body):
        raise Blocked("the token's own budget or quota is in the way", exchange)
    for name in _RESETS:
        seconds = _seconds_until(exchange.answer.header(name))
        if seconds > LIMIT_PASSES_WITHIN_S:
            raise Blocked(f"the gateway's own limit is in the way ({name}: {exchange.answer.header(name)})", exchange)


def _seconds_until(reset: str | None) -> float:
    """Seconds until a limit resets, told as seconds or as a point in time (in s or ms); 0 for anything else."""
    value = (reset or "").strip()
    if not _SECONDS.fullmatch(value):
        return 0.0
    number = float(value)
    if number < _A_POINT_IN_TIME_S:
        return number
    return (number / 1000 if number > 1000 * _A_POINT_IN_TIME_S else number) - time.time()

"""What the gateway served at first it serves when the run has done all that it does: bad requests, abandoned ones, failures.

A thing that is lost a little with every request shows only then. So does a quota that the run has used up: a gateway may
have one, and need not say so. A 429 accuses only where another token is refused as well.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from conformance.drive.case import Case
from conformance.drive.marks import closing, each, lasting
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, other_token, valid_request
from conformance.drive.settling import served_in_the_end, still_served
from conformance.errors import Blocked
from conformance.http.exchange import Exchange


@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.served-at-the-end")
def test_it_is_served_at_first(case: Case, route: str, form: str) -> None:
    """Decides nothing by itself: what is not served in the first place is judged elsewhere."""
    case.succeeded(ask(case, route, form))


@closing
@lasting
@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.served-at-the-end")
def test_it_is_served_at_the_end(case: Case, route: str, form: str) -> None:
    if not case.gateway.health.has_served(valid_request(case, route, form)):
        raise Blocked("a valid request was not served in the first place; other checks judge that")
    exchange = case.shared.get(_LastLook).at(case, route, form)
    if exchange.over_limit:
        _raise_for_quota(case, exchange, route, form)
    because = f"{route} ({form}): at the end of the run, a valid request as it was served before"
    case.judge(case.answered(exchange, "served", because=because))


def _raise_for_quota(case: Case, exchange: Exchange, route: str, form: str) -> None:
    """Raises Blocked where the refusal may be for a quota of the token's own."""
    if other_token(case, route) is None:
        raise Blocked(
            "the gateway's own limit is in the way: declare limited_tokens.per_request, with quotas that a plain request "
            "is within, so that a quota of the first token can be told from what is lost",
            exchange,
        )
    if still_served(case, route, form):
        raise Blocked("a limit of this token alone is in the way: another token is served", exchange)


class _LastLook:
    """Asks for every operation in every encoding side by side, so that what has to be waited out is waited out once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[tuple[str, str], Future[Exchange]] = {}

    def at(self, case: Case, route: str, form: str) -> Exchange:
        """What one of them came to. Raises Blocked as `served_in_the_end` does."""
        with self._lock:
            if not self._results:
                self._look(case)
        return self._results[route, form].result()

    def _look(self, case: Case) -> None:
        pairs = [pair for pair in OPERATIONS_AND_ENCODINGS if case.contract.has(*pair)]
        with ThreadPoolExecutor(len(pairs)) as pool:
            for pair in pairs:
                self._results[pair] = pool.submit(served_in_the_end, case.example(), *pair)

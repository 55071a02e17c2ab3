"""The judge of shutting down: every legal way to stop passes, serving on does not."""

from __future__ import annotations

from conformance.contracts import Statuses
from conformance.http.exchange import Exchange
from conformance.judge.lifecycle import GRACE_S, Probe, draining_since, drains, finished
from tests.conformance.judge.answers import answered, unanswered
from tests.conformance.judge.findings import SERVED as STATUSES
from tests.conformance.judge.findings import says

SHUTTING_DOWN = Statuses(("503",))
SERVED, DRAINING, REFUSED = answered(200), answered(503), unanswered("connection refused")
BEFORE = (STATUSES, Statuses(("429",)))
EXPECTED = "status 503, or a refused connection"


def probes(*exchanges: Exchange, every_s: float = 1.0) -> list[Probe]:
    return [Probe(number * every_s, exchange, SHUTTING_DOWN) for number, exchange in enumerate(exchanges)]


def test_503_refusals_and_resets_may_be_mixed() -> None:
    """Served until the signal has arrived, then any mixture of 503 and no answer."""
    assert drains(probes(SERVED, SERVED, DRAINING, REFUSED, DRAINING, REFUSED), 5, BEFORE) is None
    assert drains(probes(REFUSED), 5, BEFORE) is None


def test_an_answer_of_another_status_after_draining_began_is_found() -> None:
    """A success is no better than an error that is not 503: the client would not know to go elsewhere."""
    for status in (200, 429):
        finding = drains(probes(DRAINING, DRAINING, answered(status)), 5, BEFORE)
        message = "a new request 2.00 s after draining began is answered otherwise"
        assert says(finding) == (message, EXPECTED, str(status))


def test_an_answer_that_is_right_at_no_time_is_found() -> None:
    """Whether it came before the draining began or after."""
    message = "signalled to stop, the gateway answers a new request neither as before nor as one that drains"
    for status in (401, 500, 502):
        odd = answered(status)
        for drained in (probes(odd, DRAINING), probes(DRAINING, odd), probes(odd, REFUSED)):
            assert says(drains(drained, 5, BEFORE)) == (message, EXPECTED, str(status))
    assert drains(probes(answered(429), DRAINING), 5, BEFORE) is None


def test_a_worker_that_hears_of_it_a_moment_later_is_excused() -> None:
    """Only within the grace."""
    assert drains(probes(DRAINING, SERVED, DRAINING, every_s=GRACE_S / 2), 5, BEFORE) is None
    late = drains(probes(DRAINING, DRAINING, DRAINING, SERVED, every_s=GRACE_S / 2), 5, BEFORE)
    assert says(late)[0] == "a new request 0.30 s after draining began is answered otherwise"


def test_a_gateway_that_never_begins_is_found() -> None:
    finding = drains(probes(SERVED, SERVED, SERVED), 5, BEFORE)
    message = "signalled to stop, the gateway went on serving new requests for 5 s"
    assert says(finding) == (message, EXPECTED, "200")
    assert draining_since(probes(SERVED)) is None


def test_a_slow_answer_shows_nothing() -> None:
    """A request without an answer in time neither begins the draining nor breaks it."""
    slow = unanswered("no whole answer within 3 s", timed_out=True)
    assert draining_since(probes(SERVED, slow)) is None
    assert says(drains(probes(SERVED, slow, SERVED), 5, BEFORE))[2] == "200"
    assert drains(probes(DRAINING, slow, DRAINING), 5, BEFORE) is None
    assert drains(probes(slow, slow), 5, BEFORE) is None


def test_the_request_in_flight_has_to_succeed() -> None:
    assert finished(SERVED, STATUSES) is None
    message = "the request that was in flight when the gateway was signalled to stop was not finished"
    for held in (DRAINING, answered(500), unanswered()):
        assert says(finished(held, STATUSES)) == (message, "its ordinary answer, status 200", held.got)

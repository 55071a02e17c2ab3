"""Judges of whether there was a call at all: none for what is refused, one for what is served."""

from __future__ import annotations

from conformance.judge.upstream.calls import called, called_once, not_called
from tests.conformance.judge.answers import answered
from tests.conformance.judge.calls import call
from tests.conformance.judge.findings import says

SERVED, REFUSED = answered(200), answered(429)


def test_a_served_request_without_a_call_is_found() -> None:
    """Its response is somebody else's, or from nowhere."""
    assert called(SERVED, [call()], because="x") is None
    finding = called(SERVED, [], because="the same text again")
    message = "the same text again: served without a call of the provider"
    assert says(finding) == (message, "a call with what this request holds", "no call")
    assert finding
    assert finding.exchanges == (SERVED,)


def test_one_request_is_one_call() -> None:
    assert called_once(SERVED, [call()]) is None
    finding = called_once(SERVED, [call(), call(position=2)])
    assert says(finding) == ("one request, several provider calls", "1 call", "2 calls")
    assert finding
    assert [each.position for each in finding.upstream] == [1, 2]


def test_a_call_of_a_refused_request_is_found() -> None:
    """Refused means that the provider got nothing."""
    assert not_called(REFUSED, [], because="x") is None
    finding = not_called(REFUSED, [call(position=3)], because="over the limit")
    assert says(finding) == ("over the limit: refused, and yet the provider was called", "no call", "1 call")
    assert finding
    assert finding.upstream == (call(position=3),)

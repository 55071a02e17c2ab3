"""The provider's calls of a request: found where they are, and not mistaken for others' calls at the same time."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from conformance.drive.calls import (
    ask_marked,
    asked_anew,
    calls_after_all,
    expected_of,
    refused_in_window,
    routed,
    seen,
)
from conformance.drive.case import Case
from conformance.drive.requests import OMIT, ask, valid_request
from conformance.errors import Blocked, NotVerified, Violated
from conformance.http.exchange import Request
from conformance.mock.calls import RecordedCall
from tests.conformance.drive.stubs import StubProvider, case_of


def window(case: Case) -> list[RecordedCall]:
    """The calls of a request without its model."""
    return refused_in_window(
        case, "speech", "json", lambda this, *_: valid_request(this, "speech", "json", model=OMIT)
    )[1]


def refuses_without_model(request: Request) -> int:
    return 200 if b'"model"' in request.body else 400


def test_a_quiet_window_decides() -> None:
    """No call but that of the later request: nothing to find."""
    assert window(case_of(refuses_without_model)) == []


def test_a_call_of_the_refused_request_is_found() -> None:
    """Refused at the client's end, and sent on all the same."""
    provider = StubProvider()

    def leaks(request: Request) -> int:
        if b'"model"' not in request.body:
            provider.receive(request.body.decode())
        return refuses_without_model(request)

    assert len(window(case_of(leaks, provider))) == 1


def test_another_users_call_opens_another_window() -> None:
    """The second window is clean, so it decides."""
    strangers = chain([1], repeat(0))
    provider = StubProvider(lambda: next(strangers))
    assert window(case_of(refuses_without_model, provider)) == []


def test_a_busy_mock_blocks() -> None:
    """A call that may be another user's accuses nobody."""
    with pytest.raises(Blocked, match="others use the mock"):
        window(case_of(refuses_without_model, StubProvider(lambda: 1)))


def test_what_is_not_refused_is_not_judged() -> None:
    with pytest.raises(Blocked, match="not refused"):
        window(case_of(lambda _: 200))


def served() -> Case:
    return case_of(lambda _: 200)


def test_a_call_is_looked_at_though_the_request_failed() -> None:
    """What was sent wrongly may well be why the provider refused."""
    provider = StubProvider()
    case = case_of(lambda _: 500, provider)
    provider.receive(case.text)
    assert len(seen(case, ask(case, "speech", "json"))) == 1


@pytest.mark.parametrize("status", [200, 500])
def test_no_call_is_no_accusation(status: int) -> None:
    provider = StubProvider()
    case = case_of(lambda _: status, provider)
    exchange = ask(case, "speech", "json")
    provider.journal.clear()
    with pytest.raises(Blocked):
        seen(case, exchange)


def test_the_later_request_is_none_of_the_case() -> None:
    """Its marker does not hold the case's."""
    assert calls_after_all(served(), "speech") == []


def test_a_later_request_that_is_not_served_blocks() -> None:
    with pytest.raises(Blocked, match="a valid request was not served"):
        calls_after_all(case_of(lambda _: 500), "speech")


def test_the_calls_of_an_earlier_request_like_it_are_not_its_own() -> None:
    case = served()
    ask(case, "speech", "json")
    _, calls = asked_anew(case, "speech", "json")
    assert [each.position for each in calls] == [2]


def test_a_marked_request_carries_the_marker_in_a_text() -> None:
    case = served()
    exchange = ask_marked(case, "transcriptions", "json")
    assert f'"prompt": "{case.marker}"'.encode() in exchange.request.body
    assert b'"prompt": "x"' in ask_marked(case, "transcriptions", "json", prompt="x").request.body


@pytest.mark.parametrize(("reaches", "raised"), [("speech", Blocked), ("transcriptions", Violated)])
def test_served_without_a_call_is_judged_by_a_sibling(reaches: str, raised: type[Exception]) -> None:
    """Only where another request does reach the mock is it known to be behind the gateway."""

    class OnlyUploads(StubProvider):
        def receive(self, text: str) -> None:
            if reaches == "transcriptions" and "RIFF" in text:
                super().receive(text)

    with pytest.raises(raised):
        routed(case_of(lambda _: 200, OnlyUploads()), "speech", "json", "tts-1")


def test_what_a_key_maps_to_has_to_be_declared() -> None:
    assert expected_of({"tts-1": "gpt"}, "tts-1", "expect.upstream_models") == "gpt"
    with pytest.raises(NotVerified, match=r"declare expect\.upstream_models\.tts-1"):
        expected_of({}, "tts-1", "expect.upstream_models")

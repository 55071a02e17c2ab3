"""Whether a refused request reached the provider is told apart from what others do there at the same time."""

from __future__ import annotations

from itertools import chain, repeat

import pytest

from conformance.drive.calls import refused_in_window
from conformance.drive.case import Case
from conformance.drive.requests import OMIT, valid_request
from conformance.errors import Blocked
from conformance.http.exchange import Request
from conformance.mock.calls import Call
from tests.conformance.drive.stubs import StubProvider, case_of


def window(case: Case) -> list[Call]:
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

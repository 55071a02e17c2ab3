"""A budget is spent by requests of their own bodies, no further than shows whether it refuses."""

from __future__ import annotations

import pytest

from conformance.drive.budgets import Spending, budget_of
from conformance.errors import Blocked
from conformance.http.exchange import Request
from tests.conformance.drive.stubs import case_of
from tests.conformance.drive.test_settling import Clock

TOKEN = "cpeer_budget"


class Purse:
    """Serves so many requests, and no more."""

    def __init__(self, total: int) -> None:
        self.left = total
        self.bodies: list[bytes] = []

    def __call__(self, request: Request) -> int:
        assert TOKEN in (request.header("authorization") or "")
        self.bodies.append(request.body)
        self.left -= 1
        return 200 if self.left >= 0 else 429


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("conformance.drive.budgets.time", made)
    return made


def test_what_is_booked_a_moment_late_is_waited_for(clock: Clock) -> None:
    """What a request costs may be known only when it was served."""
    served_at: list[float] = []

    def books_late(_: Request) -> int:
        if sum(clock.monotonic() - at >= 0.5 for at in served_at) >= 3:
            return 429
        served_at.append(clock.monotonic())
        return 200

    spending = Spending()
    case = case_of(books_late, limited_tokens={"budget": {"token": TOKEN, "spend": 3}})
    assert spending.spend(case, "speech", "json").status == 429
    assert len(spending.served["speech", "json"]) == 3


def test_it_is_spent_until_a_refusal_with_a_body_for_each_request() -> None:
    purse, spending = Purse(3), Spending()
    case = case_of(purse, limited_tokens={"budget": {"token": TOKEN, "spend": 3}})
    assert spending.spend(case, "speech", "json").status == 429
    assert len(set(purse.bodies)) == 4
    assert [each.status for each in spending.served["speech", "json"]] == [200] * 3
    assert spending.spend(case, "translations", "json").status == 429
    assert len(purse.bodies) == 5


def test_a_budget_that_never_refuses_is_asked_twice_more_than_it_is_for() -> None:
    purse = Purse(1000)
    case = case_of(purse, limited_tokens={"budget": {"token": TOKEN, "spend": 3}})
    assert Spending().spend(case, "speech", "json").status == 200
    assert len(purse.bodies) == 5


def test_a_budget_that_is_spent_already_is_asked_once() -> None:
    purse = Purse(1000)
    Spending().spend(case_of(purse, limited_tokens={"budget": {"token": TOKEN}}), "speech", "json")
    assert len(purse.bodies) == 1


def test_without_a_token_there_is_nothing_to_spend() -> None:
    with pytest.raises(Blocked, match="no token with a budget"):
        budget_of(case_of(lambda _: 200))

"""A quota that says nothing is no loss: a token that has used it up accuses nobody, and what is lost still does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from conformance.checks.failures.test_recovery_after_many import (
    test_a_valid_request_after_many_bad_ones_is_served as after_bad_ones,
)
from conformance.checks.failures.test_served_at_the_end import test_it_is_served_at_the_end as at_the_end
from conformance.drive.case import Case
from conformance.drive.requests import valid_request
from conformance.errors import Blocked, Violated
from conformance.http.exchange import Answer, Exchange, Request
from conformance.http.health import Health
from tests.conformance.drive.stubs import TOKEN, case_of
from tests.conformance.drive.test_settling import Clock

OTHER = "cpeer_other"
TWO_TOKENS: dict[str, Any] = {"limited_tokens": {"per_request": {"token": OTHER, "max_characters": 1000}}}
VALID = b'"model"'
_LIMIT = 429


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("conformance.drive.settling.time", made)
    return made


def token_of(request: Request) -> str:
    return (request.header("authorization") or "").removeprefix("Bearer ")


def quota_of(most: int) -> Callable[[Request], int]:
    """So many requests for each token, bad ones too, and then silence about when there will be more."""
    asked: Counter[str] = Counter()

    def status(request: Request) -> int:
        asked[token_of(request)] += 1
        if asked[token_of(request)] > most:
            return _LIMIT
        return 200 if VALID in request.body else 400

    return status


def loses_after(most: int, *, by_token: bool) -> Callable[[Request], int]:
    """Loses something with each bad request, of the gateway or of the token, and has so much to lose."""
    lost: Counter[str] = Counter()

    def status(request: Request) -> int:
        owner = token_of(request) if by_token else ""
        if lost[owner] >= most:
            return _LIMIT
        bad = VALID not in request.body
        lost[owner] += bad
        return 400 if bad else 200

    return status


def judged(status: Callable[[Request], int], **declared: Any) -> None:
    after_bad_ones(case_of(status, **declared), "speech", "json", "missing-field")


@pytest.mark.parametrize(
    ("most", "before", "because"),
    [(13, 0, "a valid request was not served"), (40, 27, "another token is served after the same")],
    ids=["as-many-plain-ones-lead-to-it-too", "the-other-token-has-more-of-it"],
)
def test_a_quota_that_ends_just_then_accuses_nobody(most: int, before: int, because: str) -> None:
    quota = quota_of(most)
    for _ in range(before):
        quota(Request("POST", "http://gateway.test", (("Authorization", f"Bearer {TOKEN}"),)))
    with pytest.raises(Blocked, match=because):
        judged(quota, **TWO_TOKENS)


@pytest.mark.parametrize("by_token", [True, False])
@pytest.mark.parametrize("most", [1, 10, 12])
def test_what_is_lost_with_bad_requests_is_found(most: int, *, by_token: bool) -> None:
    with pytest.raises(Violated, match="after 12 bad ones"):
        judged(loses_after(most, by_token=by_token), **TWO_TOKENS)


def test_without_another_token_what_is_lost_is_found_where_it_is_lost() -> None:
    with pytest.raises(Violated, match="after 12 bad ones"):
        judged(loses_after(3, by_token=False))


def test_another_token_that_may_not_use_the_operation_is_no_client_to_judge_by() -> None:
    judged(lambda request: 403 if token_of(request) == OTHER else 200 if VALID in request.body else 400, **TWO_TOKENS)


def ended(status: Callable[[Request], int], **declared: Any) -> Case:
    """A case at the end of a run in which everything was served at first."""
    case = case_of(status, **declared)
    case.gateway.health = Health(1.0)
    request = valid_request(case, "speech", "json")
    case.gateway.health.note(Exchange(request, Answer(200, (), b"")))
    return case


def test_at_the_end_a_quota_of_the_tokens_own_accuses_nobody() -> None:
    spent = ended(lambda request: _LIMIT if token_of(request) == TOKEN else 200, **TWO_TOKENS)
    with pytest.raises(Blocked, match="another token is served"):
        at_the_end(spent, "speech", "json")


def test_at_the_end_one_token_alone_does_not_tell_a_quota_from_a_loss() -> None:
    with pytest.raises(Blocked, match=r"declare limited_tokens\.per_request"):
        at_the_end(ended(lambda _: _LIMIT), "speech", "json")


def test_at_the_end_a_gateway_that_refuses_every_token_has_lost_something() -> None:
    with pytest.raises(Violated, match="at the end of the run"):
        at_the_end(ended(lambda _: _LIMIT, **TWO_TOKENS), "speech", "json")

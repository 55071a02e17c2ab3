"""The judge of concurrency: among many, a valid request is served or held off, and does not fail."""

from __future__ import annotations

import pytest

from conformance.contracts import Statuses
from conformance.judge.concurrency import served_or_held_off
from tests.conformance.judge.answers import answered, unanswered
from tests.conformance.judge.findings import SERVED, says

HELD_OFF = Statuses(("429", "503"))


@pytest.mark.parametrize("status", [500, 502, 400, 404])
def test_an_error_among_many_is_found(status: int) -> None:
    """A valid request does not become an error because others are in flight."""
    finding = served_or_held_off(answered(status, "sorry"), SERVED, HELD_OFF)
    assert says(finding) == ("one of many valid requests at a time fails", "status 200", f"{status} sorry")


@pytest.mark.parametrize("status", [200, 429, 503])
def test_a_gateway_that_lets_in_only_so_many_is_not_accused(status: int) -> None:
    """Being held off is not failing; nor is a connection that was not taken."""
    assert served_or_held_off(answered(status), SERVED, HELD_OFF) is None
    assert served_or_held_off(unanswered(), SERVED, HELD_OFF) is None


def test_what_counts_as_held_off_is_the_contracts_to_say() -> None:
    assert says(served_or_held_off(answered(503), SERVED, Statuses(("429",))))[2] == "503"

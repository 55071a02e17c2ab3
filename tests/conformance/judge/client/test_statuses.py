"""Judges of statuses: what the situation allows passes, everything else and no answer at all is found."""

from __future__ import annotations

import pytest

from conformance import contracts
from conformance.contracts import Statuses
from conformance.judge.client.statuses import one_of, replayable, status_is
from tests.conformance.judge.answers import answered, unanswered
from tests.conformance.judge.findings import says

CONTRACT = contracts.load()
TAKEN_OR_REFUSED = Statuses(("200", "4xx"))


@pytest.mark.parametrize("status", [200, 400, 499])
def test_an_allowed_status_passes(status: int) -> None:
    assert status_is(answered(status), TAKEN_OR_REFUSED, because="x") is None


@pytest.mark.parametrize("status", [201, 302, 500])
def test_another_status_is_found_with_what_was_allowed(status: int) -> None:
    exchange = answered(status, "why")
    finding = status_is(exchange, TAKEN_OR_REFUSED, because="speech without a model")
    assert says(finding) == ("speech without a model: wrong status", "status 200 or 4xx", f"{status} why")
    assert finding
    assert finding.exchanges == (exchange,)


def test_no_answer_is_no_status() -> None:
    """A gateway that hangs up has neither served nor refused."""
    every_class = Statuses(("1xx", "2xx", "3xx", "4xx", "5xx"))
    assert says(status_is(unanswered("connection reset"), every_class, because="x"))[2] == "connection reset"


@pytest.mark.parametrize("status", [301, 308, 400, 401, 404, 405, 429])
def test_a_wrong_method_may_be_redirected_or_refused(status: int) -> None:
    """Redirects and every 4xx say that the method is not served."""
    assert status_is(answered(status), CONTRACT.statuses("wrong-method"), because="x") is None


@pytest.mark.parametrize("status", [200, 204, 299, 500, 501, 503])
def test_a_wrong_method_may_be_neither_served_nor_fail(status: int) -> None:
    """501 is a 5xx, too."""
    finding = status_is(answered(status), CONTRACT.statuses("wrong-method"), because="GET on speech")
    assert says(finding) == ("GET on speech: wrong status", "any status but a 2xx or a 5xx", str(status))


def test_a_finding_that_its_status_decides_names_the_statuses() -> None:
    finding = replayable(status_is(answered(500), TAKEN_OR_REFUSED, because="x"), Statuses(("200", "400")))
    assert finding
    assert finding.statuses == (200, 400)
    assert replayable(None, TAKEN_OR_REFUSED) is None


def test_several_are_one_without_repeats() -> None:
    assert one_of(Statuses(("200", "4xx")), Statuses(("4xx", "500"))) == Statuses(("200", "4xx", "500"))


def test_most_of_all_classes_are_told_by_what_they_lack() -> None:
    assert str(CONTRACT.statuses("not-server-error")) == "any status but a 5xx"
    assert str(Statuses(("2xx",))) == "a 2xx status"
    assert str(Statuses(("200", "4xx"))) == "status 200 or 4xx"

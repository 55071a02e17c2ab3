"""A budget: once it is spent every request is refused, whoever else was served the same, and reaches no provider.

Where the target declares that some requests spend it, each check begins with spending what is left of it: one at a time,
so that those which wait begin early.
"""

from __future__ import annotations

import pytest

from conformance.drive.budgets import Spending, budget_of
from conformance.drive.calls import calls_after_all
from conformance.drive.case import Case
from conformance.drive.marks import conclusive, decides, each, early, exclusive
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, valid_request, with_token
from conformance.errors import Blocked, NotVerified
from conformance.http.exchange import Exchange
from conformance.judge.client.errors import enveloped
from conformance.judge.limits import within_budget
from conformance.judge.upstream.calls import not_called


def _ask_spent(case: Case, route: str, form: str) -> Exchange:
    """The response to the case's own request under the token, once its budget is spent."""
    case.shared.get(Spending).spend(case, route, form)
    return ask(case, route, form, token=budget_of(case).token, limited=True)


@early
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.budget.{route}")
def test_a_spent_budget_is_refused(case: Case, route: str, form: str) -> None:
    exchange = _ask_spent(case, route, form)
    case.judge(case.answered(exchange, "limit", because=f"{route} ({form}) under a spent budget"))


@early
@decides("limits.budget.warm")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_a_spent_budget_is_refused_what_another_token_was_just_served(case: Case, route: str, form: str) -> None:
    case.shared.get(Spending).spend(case, route, form)
    request = valid_request(case, route, form)
    case.succeeded(case.send(request))
    exchange = case.send(with_token(request, budget_of(case).token), limited=True)
    because = f"{route} ({form}) under a spent budget, the same that another token was just served"
    case.judge(case.answered(exchange, "limit", because=because))


@exclusive
@conclusive
@decides("limits.budget.spend")
def test_a_budget_is_spent_by_so_many_requests_and_then_refuses_what_it_served(case: Case) -> None:
    budget, spending = budget_of(case), case.shared.get(Spending)
    last = spending.spend(case, "speech", "json")
    if not spending.served:
        raise NotVerified(
            "declare limited_tokens.budget with a token whose budget is fresh: it was spent before this run"
        )
    if not case.is_served(last) and last.status not in case.contract.statuses("limit"):
        raise Blocked(f"something else ended it before the budget was spent: {last.got}", last)
    case.judge(
        *(
            within_budget(served, last, budget.spend or 0, because=f"{route} ({form})")
            for (route, form), served in spending.served.items()
        )
    )
    for (route, form), served in spending.served.items():
        again = case.send(served[0].request, limited=True)
        because = f"{route} ({form}) under a spent budget, the same that was served before it was spent"
        case.judge(case.answered(again, "limit", because=because))


@early
@decides("errors.envelope.limit")
@pytest.mark.parametrize(("route", "form"), OPERATIONS_AND_ENCODINGS)
def test_the_error_for_a_spent_budget_is_json_with_a_message(case: Case, route: str, form: str) -> None:
    exchange = _refused(case, _ask_spent(case, route, form))
    case.judge(enveloped(exchange, case.contract.names.error, because=f"{route} ({form}) under a spent budget"))


@exclusive
@each("route, form", OPERATIONS_AND_ENCODINGS, "limits.budget.not-forwarded")
def test_what_the_budget_refuses_reaches_no_provider(case: Case, route: str, form: str) -> None:
    exchange = _refused(case, _ask_spent(case, route, form))
    because = f"{route} ({form}) under a spent budget"
    case.judge(not_called(exchange, calls_after_all(case, route, form), because=because))


def _refused(case: Case, exchange: Exchange) -> Exchange:
    if exchange.status not in case.contract.statuses("limit"):
        raise Blocked(f"the budget does not refuse: {exchange.got}", exchange)
    return exchange

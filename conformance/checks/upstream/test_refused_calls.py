"""What the provider refuses is refused at once: to ask again costs the client time, and somebody money."""

from __future__ import annotations

import pytest

from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import ROUTES_AND_FORMS, after_all, ask, match_of
from conformance.errors import Blocked
from conformance.judge.upstream.fields import called_once
from conformance.samples.provider_faults import REFUSALS


@each("route, form", ROUTES_AND_FORMS, "calls.{route}.refused")
@pytest.mark.parametrize("variant", REFUSALS["refusal"])
def test_a_request_that_the_provider_refuses_is_one_call(case: Case, route: str, form: str, variant: str) -> None:
    with case.provider.scripted(match_of(case, route), REFUSALS["refusal"][variant]):
        exchange = ask(case, route, form)
        if exchange.resent:
            raise Blocked("a closed connection made the suite send the request twice", exchange)
        calls = after_all(case, route, lambda later: ask(later, route, form))
    if not any(call["script"] for call in calls):
        raise Blocked("the provider's scripted refusal was met by no call of this case", exchange)
    case.judge(called_once(exchange, calls))

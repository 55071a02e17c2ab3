"""What the provider refuses is refused at once: to ask again costs the client time, and somebody money."""

from __future__ import annotations

import pytest

from conformance.drive.calls import ask_marked, calls_after_all
from conformance.drive.case import Case
from conformance.drive.marks import each
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS
from conformance.drive.scripts import match_of
from conformance.errors import Blocked
from conformance.judge.upstream.calls import called_once
from conformance.samples.provider_faults import REFUSALS


@each("route, form", OPERATIONS_AND_ENCODINGS, "calls.{route}.refused")
@pytest.mark.parametrize("variant", REFUSALS["refusal"])
def test_a_request_that_the_provider_refuses_is_one_call(case: Case, route: str, form: str, variant: str) -> None:
    with case.provider.scripted(match_of(case, route), REFUSALS["refusal"][variant]):
        exchange = ask_marked(case, route, form)
        if exchange.resent:
            raise Blocked("a closed connection made the suite send the request twice", exchange)
        calls = calls_after_all(case, route, form)
    if not any(call.script for call in calls):
        raise Blocked("the provider's scripted refusal was met by no call of this case", exchange)
    case.judge(called_once(exchange, calls))

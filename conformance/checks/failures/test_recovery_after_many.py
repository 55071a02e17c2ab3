"""After many bad or abandoned requests in a row the next valid one is served, and so is that of another client."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.drive.abandon import STAGES, abandon
from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS
from conformance.drive.marks import each, exclusive, lasting
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, other_token, valid_request
from conformance.drive.settling import served_in_the_end
from conformance.errors import Blocked
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Finding, Request
from conformance.judge.client.statuses import status_is

# More than breakers of real gateways count before they open.
_BAD_IN_A_ROW = 12
_ABANDONED = 36
# What was abandoned may keep its place until the provider has answered.
_SETTLED_WITHIN_S = 20.0

_Make = Callable[[Case, str, str], Request]


def _unreadable_upload(case: Case, route: str, form: str) -> Request:
    """What only the provider can refuse: a recording that is none. Operations without one lack their content."""
    if case.contract.operations[route].takes_text:
        return FAULTS["missing-field"](case, route, form)
    return valid_request(
        case, route, form, upload=Upload(f"no audio {case.marker}".encode(), "speech.wav", "audio/wav")
    )


_BAD: dict[str, _Make] = {
    "unreadable-upload": _unreadable_upload,
    "missing-field": FAULTS["missing-field"],
    "unknown-model": FAULTS["unknown-model"],
    "unreadable-body": FAULTS["unreadable-body"],
}


@exclusive
@lasting
@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.recovery-many")
@pytest.mark.parametrize("kind", _BAD)
def test_a_valid_request_after_many_bad_ones_is_served(case: Case, route: str, form: str, kind: str) -> None:
    _precondition(case, route, form)
    for _ in range(_BAD_IN_A_ROW):
        this = case.example()
        this.send(_BAD[kind](this, route, form))
    because = f"{route} ({form}): a valid request after {_BAD_IN_A_ROW} bad ones in a row ({kind})"
    # What is no limit is no reason to wait: a gateway must not rest because clients sent bad input.
    exchange = served_in_the_end(case, route, form, within_s=0)
    case.judge(_not_served(case, exchange, because), *_other_client(case, route, form, because))


def _other_client(case: Case, route: str, form: str, because: str) -> Sequence[Finding | None]:
    """The same for the client with quotas per request, where one is declared and the request is within them."""
    other = case.example()
    token = other_token(other, route)
    if token is None:
        return ()
    exchange = ask(other, route, form, token=token)
    return (_not_served(case, exchange, f"{because}, of another client"),)


@exclusive
@lasting
@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.recovery-abandoned")
@pytest.mark.parametrize("stage", STAGES)
def test_a_valid_request_after_many_abandoned_ones_is_served(case: Case, route: str, form: str, stage: str) -> None:
    _precondition(case, route, form)
    for _ in range(_ABANDONED):
        this = case.example()
        abandon(this, valid_request(this, route, form, **_short_audio(case, route)), stage)
    exchange = served_in_the_end(case, route, form, within_s=_SETTLED_WITHIN_S)
    because = f"{route} ({form}): a valid request after {_ABANDONED} that their clients abandoned ({stage})"
    case.judge(_not_served(case, exchange, because))


def _short_audio(case: Case, route: str) -> dict[str, str]:
    """The format that costs a provider least, where it is known to have it."""
    return {"response_format": "wav"} if case.mock and case.contract.operations[route].gives_audio else {}


def _precondition(case: Case, route: str, form: str) -> None:
    exchange = ask(case.example(), route, form, limited=True)
    if exchange.status not in case.contract.statuses("served"):
        raise Blocked(f"a valid request is not served in the first place: {exchange.got}", exchange)


def _not_served(case: Case, exchange: Exchange, because: str) -> Finding | None:
    return status_is(exchange, case.contract.statuses("served"), because=because)

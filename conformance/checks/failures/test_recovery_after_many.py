"""After many bad or abandoned requests in a row the next valid one is served, and so is that of another client."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from conformance.drive.abandon import STAGES, abandon
from conformance.drive.case import Case
from conformance.drive.invalid_requests import FAULTS
from conformance.drive.marks import each, exclusive, lasting
from conformance.drive.requests import OPERATIONS_AND_ENCODINGS, ask, other_token, valid_request, with_token
from conformance.drive.settling import served_in_the_end, still_served
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
_Provoke = Callable[[str | None], None]


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
    other = _usable_other_token(case, route, form)

    def provoke(token: str | None) -> None:
        for _ in range(_BAD_IN_A_ROW):
            this = case.example()
            bad = _BAD[kind](this, route, form)
            this.send(with_token(bad, token) if token else bad)

    because = f"{route} ({form}): a valid request after {_BAD_IN_A_ROW} bad ones in a row ({kind})"
    # What is no limit is no reason to wait: a gateway must not rest because clients sent bad input.
    exchange = _after(case, route, form, provoke, _BAD_IN_A_ROW, within_s=0)
    case.judge(_not_served(case, exchange, because), *_other_client(case, route, form, other, because))


def _usable_other_token(case: Case, route: str, form: str) -> str | None:
    """The token with quotas per request, where one is declared that may use the operation."""
    other = case.example()
    token = other_token(other, route)
    return token if token and case.is_served(ask(other, route, form, token=token)) else None


def _other_client(case: Case, route: str, form: str, token: str | None, because: str) -> Sequence[Finding | None]:
    """The same for another client, where there is one."""
    if token is None:
        return ()
    exchange = ask(case.example(), route, form, token=token)
    return (_not_served(case, exchange, f"{because}, of another client"),)


@exclusive
@lasting
@each("route, form", OPERATIONS_AND_ENCODINGS, "robustness.{route}.recovery-abandoned")
def test_a_valid_request_after_many_abandoned_ones_is_served(case: Case, route: str, form: str) -> None:
    """Stage by stage: what a gateway loses with those of one stage may show only among those of the next."""
    served = _precondition(case, route, form)
    left: list[str] = []

    def provoke(token: str | None) -> None:
        for _ in range(_ABANDONED):
            this = case.example()
            abandon(this, valid_request(this, route, form, token=token, **_short_audio(case, route)), left[-1])

    # They may stand in a queue, one behind the other, until the provider has answered them all.
    within_s = _SETTLED_WITHIN_S + _ABANDONED * served.elapsed_s
    for stage in STAGES:
        left.append(stage)
        exchange = _after(case, route, form, provoke, _ABANDONED, within_s=within_s)
        because = (
            f"{route} ({form}): a valid request after {_ABANDONED} that their clients abandoned ({' and '.join(left)})"
        )
        case.judge(_not_served(case, exchange, because))


def _after(case: Case, route: str, form: str, provoke: _Provoke, number: int, *, within_s: float) -> Exchange:  # noqa: PLR0913
    """A valid request after what `provoke` sent.

    Where it is refused for a limit, and another token is not, a quota of the token's own may have ended just then. So the
    same is done under the other token, after as many plain valid requests as `provoke` sends. Raises Blocked where that
    leads to no lasting refusal, or where those plain ones do.
    """
    provoke(None)
    exchange = served_in_the_end(case, route, form, within_s=within_s)
    if not exchange.over_limit or (token := still_served(case, route, form)) is None:
        return exchange
    for _ in range(number):
        case.succeeded(ask(case.example(), route, form, limited=True, token=token, **_short_audio(case, route)))
    provoke(token)
    if not case.is_served(again := served_in_the_end(case, route, form, within_s=within_s, token=token)):
        return again
    raise Blocked("a limit of this token alone is in the way: another token is served after the same", exchange)


def _short_audio(case: Case, route: str) -> dict[str, str]:
    """The format that costs a provider least, where it is known to have it."""
    return {"response_format": "wav"} if case.mock and case.contract.operations[route].gives_audio else {}


def _precondition(case: Case, route: str, form: str) -> Exchange:
    exchange = ask(case.example(), route, form, limited=True)
    if exchange.status not in case.contract.statuses("served"):
        raise Blocked(f"a valid request is not served in the first place: {exchange.got}", exchange)
    return exchange


def _not_served(case: Case, exchange: Exchange, because: str) -> Finding | None:
    return status_is(exchange, case.contract.statuses("served"), because=because)

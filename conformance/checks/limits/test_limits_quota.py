"""The quotas of a single request: what is over them is refused, and nothing of it reaches the provider."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import pytest

from conformance.drive.calls import calls_after_all
from conformance.drive.case import Case
from conformance.drive.marks import decides, each, exclusive
from conformance.drive.requests import TRANSCRIPTS, ask, valid_request, with_token
from conformance.errors import Blocked, NotVerified
from conformance.http.bodies import Upload
from conformance.http.exchange import Exchange, Request
from conformance.judge.client.headers import header_of
from conformance.judge.client.statuses import status_is
from conformance.judge.upstream.calls import not_called
from conformance.samples.sizes import text_of, wav_of
from conformance.target import PerRequest

_JUST_SERVED = "which another token was just served"
_WAITS = 5
# What every provider takes: OpenAI's own limit for the input of speech.
_PROVIDER_CHARACTERS = 4096
# Not over the provider's own limit as well, where the quota is below that: one fault at a time.
_OVER = {"one-over": lambda quota: quota + 1, "far-over": lambda quota: max(quota + 1, _PROVIDER_CHARACTERS)}


def _quota(case: Case) -> PerRequest:
    quota = case.target.limited_tokens.per_request
    if quota is None:
        raise Blocked("no token with a quota per request is declared")
    return quota


def _speak(case: Case, characters: int) -> Exchange:
    return ask(case, "speech", input=text_of(characters, case.marker), token=_quota(case).token, limited=True)


def _upload(case: Case, route: str, form: str, size: int) -> tuple[Exchange, Upload]:
    upload = wav_of(size, case.marker)
    token = _quota(case).token
    exchange = ask(case, route, form, upload=upload, prompt=case.marker, token=token, limited=True)
    return exchange, upload


def _past_other_limits(case: Case, ask: Callable[[], Exchange]) -> Exchange:
    """The answer after waiting for the gateway's own rate limit, as its Retry-After asks."""
    exchange = ask()
    for _ in range(_WAITS):
        if not exchange.over_limit or header_of(exchange, "retry-after") is None:
            break
        case.gateway.wait_for_limit(exchange)
        exchange = ask()
    return exchange


@decides("limits.per-request.characters")
@pytest.mark.parametrize("over", _OVER)
def test_an_input_over_the_quota_is_refused(case: Case, over: str) -> None:
    exchange = _speak(case, _OVER[over](_quota(case).max_characters or 0))
    case.judge(
        status_is(exchange, case.contract.statuses("limit"), because=f"an input over the quota of characters ({over})")
    )


@decides("limits.per-request.characters-warm")
def test_an_input_over_the_quota_is_refused_though_another_token_was_just_served_it(case: Case) -> None:
    text = text_of(_OVER["one-over"](_quota(case).max_characters or 0), case.marker)
    exchange = _after_another(case, valid_request(case, "speech", input=text))
    case.judge(case.answered(exchange, "limit", because=f"an input over the quota of characters, {_JUST_SERVED}"))


@decides("limits.per-request.characters-at-quota")
def test_an_input_at_the_quota_is_served(case: Case) -> None:
    """Its letters are not all ASCII, so that a quota which counts bytes is found."""
    quota = _quota(case).max_characters or 0
    if quota > _PROVIDER_CHARACTERS:
        raise NotVerified(
            f"declare a quota of {_PROVIDER_CHARACTERS} characters or less: a longer input is the provider's to refuse"
        )
    exchange = _past_other_limits(case, lambda: _speak(case, quota))
    case.judge(
        status_is(
            exchange, case.contract.statuses("served"), because="an input of exactly as many characters as the quota"
        )
    )


@exclusive
@decides("limits.per-request.characters-not-forwarded")
def test_an_input_over_the_quota_reaches_no_provider(case: Case) -> None:
    quota = _quota(case).max_characters or 0
    size = max(quota + 1, len(case.marker) + 4)
    exchange = _refused(case, _speak(case, size))
    case.judge(not_called(exchange, calls_after_all(case, "speech"), because="an input over the quota of characters"))


@each("route, form", TRANSCRIPTS, "limits.per-request.upload-{route}")
@pytest.mark.parametrize("over", _OVER)
def test_an_upload_over_the_quota_is_refused(case: Case, route: str, form: str, over: str) -> None:
    exchange, _ = _upload(case, route, form, _OVER[over](_quota(case).max_upload_bytes or 0))
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("limit"),
            because=f"{route} ({form}): an upload over the quota of bytes ({over})",
        )
    )


@each("route, form", TRANSCRIPTS, "limits.per-request.upload-warm")
def test_an_upload_over_the_quota_is_refused_though_another_token_was_just_served_it(
    case: Case, route: str, form: str
) -> None:
    """Audio of a given size need not be audio that the provider accepts; where it does not, the other token is no help."""
    upload = wav_of(_OVER["one-over"](_quota(case).max_upload_bytes or 0), case.marker)
    request = valid_request(case, route, form, upload=upload, prompt=case.marker)
    act = {"body": {"json": {"text": "taken"}}}
    with case.mock.scripted({"marker": case.marker}, act) if case.mock else nullcontext():
        exchange = _after_another(case, request)
    because = f"{route} ({form}): an upload over the quota of bytes, {_JUST_SERVED}"
    case.judge(case.answered(exchange, "limit", because=because))


def _after_another(case: Case, request: Request) -> Exchange:
    """The same bytes under the token with the quota, once the unlimited token was served. Raises Blocked where it is not."""
    case.succeeded(case.send(request))
    return case.send(with_token(request, _quota(case).token), limited=True)


@each("route, form", TRANSCRIPTS, "limits.per-request.upload-at-quota")
def test_an_upload_at_the_quota_is_served(case: Case, route: str, form: str) -> None:
    """The provider is scripted to accept it: audio of a given size need not be audio that it accepts."""
    with case.provider.scripted({"marker": case.marker}, {"body": {"json": {"text": "taken"}}}):
        size = _quota(case).max_upload_bytes or 0
        exchange = _past_other_limits(case, lambda: _upload(case, route, form, size)[0])
    case.judge(
        status_is(
            exchange,
            case.contract.statuses("served"),
            because=f"{route} ({form}): an upload of exactly the quota of bytes",
        )
    )


@exclusive
@each("route, form", TRANSCRIPTS, "limits.per-request.upload-not-forwarded")
def test_an_upload_over_the_quota_reaches_no_provider(case: Case, route: str, form: str) -> None:
    exchange, upload = _upload(case, route, form, (_quota(case).max_upload_bytes or 0) + 1)
    calls = calls_after_all(case, route, form, upload)
    case.judge(not_called(_refused(case, exchange), calls, because=f"{route} ({form}): an upload over the quota"))


def _refused(case: Case, exchange: Exchange) -> Exchange:
    if exchange.status not in case.contract.statuses("limit"):
        raise Blocked(f"the limit does not refuse: {exchange.got}", exchange)
    return exchange
